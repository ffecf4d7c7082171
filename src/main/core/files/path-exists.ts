import { lstat, stat } from 'node:fs/promises';

/** Returns whether a path exists; a dangling link does. Also false if a folder above it cannot be searched. */
export function pathExists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Returns whether a path is a folder, or a link to one. Also false if it cannot be examined. */
export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
