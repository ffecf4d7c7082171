import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { makeSecret } from '../sites/site-secret.ts';

/**
 * Creates the file with an API key, readable only by its owner, unless it exists. True when it was created. Throws `file.denied`,
 * `space.ran-out`.
 */
export async function ensureApiKey(path: string): Promise<boolean> {
  try {
    await makeFolder(dirname(path), 0o700);
    // "wx": keeps a key that another start created at the same moment.
    await writeFile(path, await makeSecret('front-api-key'), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileError(path, 'write', error);
  }
}
