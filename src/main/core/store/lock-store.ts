import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { takeLockIfLinks } from '../settings/lock.ts';

/**
 * Runs `body`, which writes to a store, while holding the store's lock: several data folders may use one store. Throws `lock.held`,
 * `file.denied`, and what `body` throws. A store that `body` left empty is removed again.
 */
export async function withStoreLock<T>(store: string, now: Date, body: () => Promise<T>): Promise<T> {
  await makeFolder(store, 0o755).catch((error) => {
    throw fileError(store, 'write', error);
  });
  const lock = await takeLockIfLinks(join(store, 'lock'), 'sealift import', now, 'store');
  try {
    return await body();
  } finally {
    await lock?.release();
    await rmdir(store).catch(() => undefined);
  }
}
