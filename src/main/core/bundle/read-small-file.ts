import { constants, type FileHandle, open } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';

/**
 * Reads a whole plain file of at most `limitBytes`; a larger one is refused by its size, unread (`file.too-large`).
 * A missing one gives undefined, or `file.missing` when `what` names it.
 */
export async function readSmallFile(path: string, limitBytes: number, what?: string): Promise<Buffer | undefined> {
  const file = await openToRead(path);
  if (!file && what) throw appError('file.missing', { path, what });
  if (!file) return undefined;
  try {
    return await readAtMost(file, path, limitBytes);
  } finally {
    await file.close();
  }
}

/** Reads an open plain file of at most `limitBytes` from its start. */
export async function readAtMost(file: FileHandle, path: string, limitBytes: number): Promise<Buffer> {
  const { size: sizeBytes } = await file.stat();
  if (sizeBytes > limitBytes) throw appError('file.too-large', { path, limitBytes, sizeBytes });
  const bytes = Buffer.alloc(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const { bytesRead } = await file.read(bytes, filled, sizeBytes - filled, filled).catch((error: unknown) => {
      throw translateReadError(error, path);
    });
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** What a failed read means to people: no right, or the medium went away; anything else stays as it is. */
export function translateReadError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'EACCES' || code === 'EPERM') return appError('file.denied', { path, action: 'read' }, error);
  if (code === 'EIO' || code === 'ENODEV' || code === 'ENXIO' || code === 'ESTALE' || code === 'EUNKNOWN') {
    return appError('medium.gone', { path }, error);
  }
  return error;
}

async function openToRead(path: string): Promise<FileHandle | undefined> {
  try {
    // Without O_NONBLOCK a named pipe would hold the process until someone writes to it.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw appError('file.missing', { path, what: 'A plain file' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw translateReadError(error, path);
  }
}
