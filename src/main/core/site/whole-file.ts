import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from './file-error.ts';

/**
 * Writes a file so that, whenever the process dies, the path holds the old or the new content, never a part. Mode 0600.
 * `durable: false` leaves out the flush to disk, for files that are rewritten all the time. Throws rows of the error table.
 */
export async function writeWhole(path: string, content: string, options: { durable?: boolean } = {}): Promise<void> {
  const temp = `${path}.tmp`;
  try {
    await rm(temp, { force: true });
    const file = await open(temp, 'wx', 0o600);
    try {
      await file.writeFile(content);
      if (options.durable ?? true) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temp, path);
    if (options.durable ?? true) await syncFolder(dirname(path));
  } catch (error) {
    throw fileError(path, 'write', error);
  }
}

/** The text of a file of at most `limitBytes`, or undefined when there is none. Throws rows of the error table. */
export async function readBounded(path: string, limitBytes: number): Promise<string | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw fileError(path, 'read', error);
  });
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, limitBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    throw fileError(path, 'read', error);
  } finally {
    await file.close();
  }
}

/** SHA-256 of a text, in hex. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function syncFolder(path: string): Promise<void> {
  // Not every system lets a folder be opened or flushed; the rename itself is done.
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
