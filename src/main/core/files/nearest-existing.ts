import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fileError } from './file-error.ts';

/**
 * Returns an absolute path, or the nearest one above it that exists and can be looked at. Throws `medium.gone` for a medium that fails:
 * what is above its folder is another filesystem.
 */
export async function nearestExisting(path: string): Promise<string> {
  const found = await stat(path).catch((error) => {
    const known = fileError(path, 'read', error);
    if (known instanceof AppError && known.code === 'medium.gone') throw known;
  });
  return found || dirname(path) === path ? path : nearestExisting(dirname(path));
}
