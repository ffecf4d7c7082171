import { randomUUID } from 'node:crypto';
import { link, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import type { EngineSpace } from './plan-images.ts';
import type { StorePaths } from './store-paths.ts';

/** What the filesystem needs beside the content itself: folders, ledgers, records. */
const slackBytes = 4 * 1024 * 1024;

/**
 * Checks space and rights of a store before the first byte of content: `space.short`, `file.denied`. `copyBytes` are needed on top
 * where the filesystem has no hard links. Makes the store's folders. Tells whether there are hard links.
 * `engine` counts too where it shares the store's filesystem.
 */
export async function preflight(
  paths: StorePaths,
  neededBytes: number,
  copyBytes: number,
  engine?: EngineSpace,
): Promise<boolean> {
  await checkSpace(paths.store, neededBytes, engine);
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
  if (!hasLinks) await checkSpace(paths.store, neededBytes + copyBytes, engine);
  return hasLinks;
}

async function checkSpace(store: string, neededBytes: number, engine: EngineSpace | undefined): Promise<void> {
  const { device, ...space } = await storeSpace(store, neededBytes);
  if (engine?.device === device) {
    space.path += `, ${engine.path}`;
    space.neededBytes += engine.neededBytes;
  }
  if (space.freeBytes < space.neededBytes) throw appError('space.short', space);
}

/** What a store will take on its filesystem for so many bytes of content, and what is free there; `device` tells filesystems apart. */
export async function storeSpace(
  store: string,
  neededBytes: number,
): Promise<{ path: string; neededBytes: number; freeBytes: number; device: number }> {
  const folder = await existingFolder(store);
  const { bavail, bsize } = await statfs(folder);
  const { dev: device } = await stat(folder);
  return { path: store, neededBytes: neededBytes + slackBytes, freeBytes: bavail * bsize, device };
}

async function existingFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found || dirname(path) === path ? path : existingFolder(dirname(path));
}
