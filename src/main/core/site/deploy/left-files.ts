import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileError } from '../../files/file-error.ts';
import { siteContents } from '../../sites/site-contents.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import type { Work } from '../../work.ts';
import type { ContainerFile } from '../containers/container-file.ts';

/**
 * Removes the files that containers of earlier deployments read, such as an old private key; what others put there stays. What can't be
 * removed becomes a warning, because the deployment itself is complete.
 */
export async function removeLeftFiles(
  paths: SitePaths,
  planned: readonly ContainerFile[],
  work: Pick<Work, 'warn'>,
): Promise<void> {
  const folder = join(paths.folder, 'containers');
  try {
    const { own } = await siteContents(paths);
    const left = own.filter((one) => dirname(one) === folder && !planned.some(({ path }) => path === one));
    for (const path of left) await rm(path, { force: true }).catch((error) => warnOf(path, error, work));
  } catch (error) {
    warnOf(folder, error, work);
  }
}

function warnOf(path: string, error: unknown, work: Pick<Work, 'warn'>): void {
  work.warn(
    `Remove ${path} by hand: no container reads it any more. ${(fileError(path, 'write', error) as Error).message}`,
  );
}
