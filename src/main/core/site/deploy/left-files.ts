import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileError } from '../../files/file-error.ts';
import { siteContents } from '../../sites/site-contents.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import type { ContainerFile } from '../containers/container-file.ts';

/** Removes the files that containers of earlier deployments read, such as an old private key. What others put there stays. */
export async function removeLeftFiles(paths: SitePaths, planned: readonly ContainerFile[]): Promise<void> {
  const { own } = await siteContents(paths);
  const folder = join(paths.folder, 'containers');
  const left = own.filter((one) => dirname(one) === folder && !planned.some(({ path }) => path === one));
  for (const path of left)
    await rm(path, { force: true }).catch((error) => {
      throw fileError(path, 'write', error);
    });
}
