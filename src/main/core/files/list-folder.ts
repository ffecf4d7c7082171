import { readdir } from 'node:fs/promises';
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
