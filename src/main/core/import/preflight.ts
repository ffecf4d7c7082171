import { randomUUID } from 'node:crypto';
import { link, mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { translateWriteError } from '../settings/replace-file.ts';
import type { StorePaths } from './store-paths.ts';

/** What the filesystem needs beside the content itself: folders, ledgers, records. */
const slackBytes = 4 * 1024 * 1024;

/**
 * Checks space and rights of a store before the first byte of content: `space.short`, `file.denied`. `copyBytes` are needed on top
 * where the filesystem has no hard links. Makes the store's folders.
 */
export async function preflight(paths: StorePaths, neededBytes: number, copyBytes: number): Promise<void> {
  await checkSpace(paths.store, neededBytes);
  const folders = [paths.blobs, paths.ledgers, paths.models, paths.files, paths.imports];
  const probe = join(paths.store, `${randomUUID()}.part`);
  let hasLinks = true;
  try {
    for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o755 });
    await writeFile(probe, '');
    hasLinks = await link(probe, `${probe}.part`).then(
      () => true,
      () => false,
    );
  } catch (error) {
    throw translateWriteError(error, paths.store);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
    await rm(`${probe}.part`, { force: true }).catch(() => undefined);
  }
  if (!hasLinks) await checkSpace(paths.store, neededBytes + copyBytes);
}

async function checkSpace(store: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(await existingFolder(store));
  const freeBytes = bavail * bsize;
  const withSlack = neededBytes + slackBytes;
  if (freeBytes < withSlack) throw appError('space.short', { path: store, neededBytes: withSlack, freeBytes });
}

async function existingFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found || dirname(path) === path ? path : existingFolder(dirname(path));
}
