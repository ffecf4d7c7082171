import type { Dirent } from 'node:fs';
import { opendir, readdir } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';
import { fileError } from './file-error.ts';

/** Returns the names in a folder, or none if it does not exist. Throws an error of the table if the folder cannot be read. */
export async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw code === 'ENOTDIR'
      ? appError('file.denied', { path, action: 'read' }, error)
      : fileError(path, 'read', error);
  }
}

/** Returns at most `limit` entries of a folder, sorted by name: a stranger's folder may hold millions. Throws what reading it throws. */
export async function someEntries(path: string, limit: number): Promise<Dirent[]> {
  const found: Dirent[] = [];
  if (limit <= 0) return found;
  for await (const entry of await opendir(path)) {
    found.push(entry);
    if (found.length === limit) break;
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
