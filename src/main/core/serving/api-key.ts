import { appError } from '../../../shared/errors/app-error.ts';
import { readNamed } from '../files/read-bounded.ts';

const maxFileBytes = 4096;
const keyShape = /^[\x21-\x7e]{16,512}$/;

/**
 * Reads the API key from a file that holds it on one line. Throws as `readNamed`, and `serving.key-unusable` when it is shorter
 * than 16 characters or cannot be sent in a header.
 */
export async function readApiKey(path: string): Promise<string> {
  const key = (await readNamed(path, maxFileBytes, 'The API key file')).toString('utf8').trim();
  if (!keyShape.test(key))
    throw appError('serving.key-unusable', {
      path,
      problem: 'it does not contain a key of 16 to 512 printable characters',
    });
  return key;
}
