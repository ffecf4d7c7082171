import { lstat } from 'node:fs/promises';

/** Returns whether a path exists; a dangling link does. Also false if a folder above it cannot be searched. */
export function pathExists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
