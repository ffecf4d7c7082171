import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from './file-error.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Writes a file so that, whenever the process dies, the path holds the old or the new content, never a part. The mode is 0600 unless
 * named; `folderMode` makes the folder when it is missing; `durable: false` leaves out the flush to disk, for files that are
 * rewritten all the time. Throws rows of the error table.
 */
export async function writeWhole(
  path: string,
  content: string | Buffer,
  options: { mode?: number; folderMode?: number; durable?: boolean } = {},
): Promise<void> {
  const { mode = 0o600, folderMode, durable = true } = options;
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    if (folderMode !== undefined) await makeFolder(dirname(path), folderMode);
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    if (durable) await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(path, 'write', error);
  }
}

/** Makes renames and new names in a folder survive a power cut, where the system can: not every one lets a folder be flushed. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
