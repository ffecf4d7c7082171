import { constants, type FileHandle, open } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';
import { closeFile } from './close-file.ts';
import { fileError } from './file-error.ts';

/**
 * Reads a whole plain file of at most `limitBytes`. A larger one is refused unread (`file.too-large`). Returns undefined for a
 * missing file. Throws errors of the table.
 */
export async function readBounded(path: string, limitBytes: number): Promise<Buffer | undefined> {
  try {
    return await readNamed(path, limitBytes, 'A plain file');
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    if (cause?.code === 'ENOENT' || cause?.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Like `readBounded`, for a file that must exist. Throws `file.missing`, which names it by `what`. */
export async function readNamed(path: string, limitBytes: number, what: string): Promise<Buffer> {
  // Without O_NONBLOCK, opening a named pipe would block until someone writes to it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error) => {
    throw fileError(path, 'read', error, what);
  });
  try {
    if (!(await file.stat()).isFile()) throw appError('file.missing', { path, what: `${what} (a plain file)` });
    return await readAtMost(file, path, limitBytes);
  } finally {
    await closeFile(file);
  }
}

/** Reads an open plain file of at most `limitBytes` from the start. */
export async function readAtMost(file: FileHandle, path: string, limitBytes: number): Promise<Buffer> {
  const { size: sizeBytes } = await file.stat();
  if (sizeBytes > limitBytes) throw appError('file.too-large', { path, limitBytes, sizeBytes });
  const bytes = Buffer.alloc(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const { bytesRead } = await file.read(bytes, filled, sizeBytes - filled, filled).catch((error: unknown) => {
      throw fileError(path, 'read', error);
    });
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
