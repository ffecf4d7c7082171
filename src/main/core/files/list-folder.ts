import { readdir } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';
import { fileError } from './file-error.ts';

/** The names in a folder; a folder that is not there has none. What cannot be read never passes for empty: rows of the error table. */
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
