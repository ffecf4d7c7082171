import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { processStart } from '../processes/identity.ts';
import { closeFile } from './close-file.ts';
import { fileError } from './file-error.ts';
import { makeFolder } from './make-folder.ts';

/** What `temporaryPath` adds to a path, as the source of a regular expression; the group is the id of the process. */
export const temporaryEnding = String.raw`\.(\d+)\.[0-9a-f-]{36}\.part`;

/** Returns a new name for a file beside its place, for while it is being written. */
export function temporaryPath(path: string): string {
  return `${path}.${process.pid}.${randomUUID()}.part`;
}

/**
 * Writes a file atomically: if the process dies, the path holds the old or the new content, never a part. The mode is 0600 unless
 * given. `folderMode` creates a missing folder. `durable: false` skips the flush to disk, for files that are
 * rewritten all the time. What processes that died left of the same file is removed. Throws errors of the table.
 */
export async function writeWhole(
  path: string,
  content: string | Buffer,
  options: { mode?: number; folderMode?: number; durable?: boolean } = {},
): Promise<void> {
  const { mode = 0o600, folderMode, durable = true } = options;
  const temporary = temporaryPath(path);
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
    await removeLeftovers(path);
    if (durable) await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(path, 'write', error);
  }
}

async function removeLeftovers(path: string): Promise<void> {
  const own = new RegExp(`^${temporaryEnding}$`);
  const start = basename(path);
  for (const name of await readdir(dirname(path)).catch(() => [])) {
    const pid = name.startsWith(start) && own.exec(name.slice(start.length))?.[1];
    if (pid && (await processStart(Number(pid))) === '')
      await rm(join(dirname(path), name), { force: true }).catch(() => undefined);
  }
}

/** Flushes a folder, so that new names in it survive a power cut. Does nothing on systems that cannot flush folders. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await closeFile(folder);
}
