import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';

/** Writes a small file whole or not at all: temporary file beside it, fsync, rename, fsync of the folder, which is made when missing. */
export async function replaceFile(path: string, text: string | Buffer, mode = 0o600): Promise<void> {
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw translateWriteError(error, path);
  }
}

/** Makes renames and new names in a folder survive a power cut, where the system can. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; there the journal of NTFS does it.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What a failed write means to people: no right, no space; anything else stays as it is. */
export function translateWriteError(error: unknown, path: string): unknown {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  // Making a folder with its parents on a read-only filesystem is reported by Node as ENOENT.
  const isReadOnly = code === 'EROFS' || (code === 'ENOENT' && syscall === 'mkdir');
  if (code === 'EACCES' || code === 'EPERM' || code === 'ENOTDIR' || isReadOnly) {
    return appError('file.denied', { path, action: 'write' }, error);
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') return appError('space.ran-out', { path }, error);
  return error;
}
