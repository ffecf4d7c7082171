import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { type Lock, takeLock } from '../settings/lock.ts';

/**
 * Runs `body`, which writes to a store, while holding the store's lock: several data folders may use one store. Throws `lock.held`,
 * `file.denied`, and what `body` throws. A store that `body` left empty is removed again.
 */
export async function withStoreLock<T>(store: string, now: Date, body: () => Promise<T>): Promise<T> {
  await makeFolder(store, 0o755).catch((error) => {
    throw fileError(store, 'write', error);
  });
  const lock = await lockOf(store, now);
  try {
    return await body();
  } finally {
    await lock?.release();
    await rmdir(store).catch(() => undefined);
  }
}

/** A lock is made by a hard link. On filesystems without links, such as exFAT, a store has no lock. */
async function lockOf(store: string, now: Date): Promise<Lock | undefined> {
  try {
    return await takeLock(join(store, 'lock'), 'sealift import', now);
  } catch (error) {
    const { syscall, code = '' } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (syscall === 'link' && ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(code)) return undefined;
    throw error;
  }
}
