import { stat } from 'node:fs/promises';
import { shellWord } from '../../../shared/shell-word.ts';

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

/** Says so, with the command that makes it private again, if others can read a file with that secret. */
export async function sayReadable(path: string, secret: string, say: (line: string) => void): Promise<void> {
  if (await othersCanRead(path))
    say(`Other users of this machine can read ${secret} in ${path}: chmod 600 ${shellWord(path)}`);
}
