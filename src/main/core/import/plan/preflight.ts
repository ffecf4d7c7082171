import { randomUUID } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../../files/file-error.ts';
import { makeFolder } from '../../files/make-folder.ts';
import type { StorePaths } from '../../store/store-paths.ts';
import { refuseShortSpace, type SpaceNeed, storeNeed } from './space-needs.ts';

/**
 * Checks space and rights of a store before the first byte of content: `space.short`, `file.denied`. `copyBytes` are needed on top
 * where the filesystem has no hard links. Makes the store's folders. Returns true when there are hard links.
 * `engine` is what images need in the engine's folder.
 */
export async function preflight(
  paths: StorePaths,
  neededBytes: number,
  copyBytes: number,
  engine?: SpaceNeed,
): Promise<boolean> {
  refuseShortSpace(await storeNeed(paths.store, neededBytes), engine);
  const folders = [paths.blobs, paths.ledgers, paths.models, paths.files, paths.imports];
  const probe = join(paths.store, `${randomUUID()}.part`);
  let hasLinks = true;
  try {
    for (const folder of folders) await makeFolder(folder, 0o755);
    await writeFile(probe, '');
    hasLinks = await link(probe, `${probe}.part`).then(
      () => true,
      () => false,
    );
  } catch (error) {
    throw fileError(paths.store, 'write', error);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
    await rm(`${probe}.part`, { force: true }).catch(() => undefined);
  }
  if (!hasLinks) refuseShortSpace(await storeNeed(paths.store, neededBytes + copyBytes), engine);
  return hasLinks;
}
