import { type FileHandle, open } from 'node:fs/promises';
import { appError } from '../../../../shared/errors/app-error.ts';
import { fileError } from '../../files/file-error.ts';

/** A file that can be opened: its name in the model's folder, and its place. */
export interface ReadableFile {
  name: string;
  range: { path: string; sizeBytes: number };
}

/** Opens a source for `body`, and closes it again. Throws `file.*`. */
export async function withFile<T>(path: string, body: (handle: FileHandle) => Promise<T>): Promise<T> {
  try {
    const handle = await open(path, 'r');
    try {
      return await body(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(path, 'read', error, 'A source');
  }
}

/** Returns the bytes at a place, fewer at the end of the file. */
export async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

/** Throws `pack.unusable-weights` for a file. */
export function refuse(file: ReadableFile, reason: string, cause?: unknown): never {
  throw appError('pack.unusable-weights', { path: file.range.path, reason }, cause);
}
