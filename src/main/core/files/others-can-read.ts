import { stat } from 'node:fs/promises';

/**
 * Returns whether users other than this one may read or change a file with a secret. A group may read it where root owns it and this user is
 * not root: so keys of a machine are given to services. False for what is no plain file, such as a pipe, and on Windows.
 */
export async function othersCanRead(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const found = await stat(path).catch(() => undefined);
  const isShared = found?.uid === 0 && process.getuid?.() !== 0;
  return found?.isFile() === true && (found.mode & (isShared ? 0o037 : 0o077)) !== 0;
}
