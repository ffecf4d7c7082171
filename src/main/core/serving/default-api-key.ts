import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { makeSecret } from '../site/site-secret.ts';

/** Makes the file with an API key, readable by its owner alone, unless it is there. True when it was made. Throws `file.denied`, `space.ran-out`. */
export async function ensureApiKey(path: string): Promise<boolean> {
  try {
    await makeFolder(dirname(path), 0o700);
    // "wx": a key that another start made at the same moment stays.
    await writeFile(path, await makeSecret('front-api-key'), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileError(path, 'write', error);
  }
}
