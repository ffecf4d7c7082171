import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { translateWriteError } from '../settings/replace-file.ts';
import { makeSecret } from '../site/site-secret.ts';

/** Makes the file with an API key, readable by its owner alone, unless it is there. True when it was made. Throws `file.denied`, `space.ran-out`. */
export async function ensureApiKey(path: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // "wx": a key that another start made at the same moment stays.
    await writeFile(path, await makeSecret('front-api-key'), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw translateWriteError(error, path);
  }
}
