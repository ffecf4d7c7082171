import { appError } from '../../../shared/errors/app-error.ts';
import { readNamed } from './read-bounded.ts';

const limitBytes = 64 * 1024;

/** A token as a person gives one: itself, or a file that holds it. */
export interface TokenSource {
  token?: string | undefined;
  tokenFile?: string | undefined;
}

/**
 * The token that was given, trimmed; undefined when none was. Throws `input.invalid` for one that no header can carry, `file.missing`
 * for a file that is not there or is no plain file, `file.too-large` for one that holds no token for sure.
 */
export async function givenToken({ token, tokenFile }: TokenSource): Promise<string | undefined> {
  const isFile = token === undefined && tokenFile !== undefined;
  const text = isFile ? (await readNamed(tokenFile, limitBytes, 'The token file')).toString() : token;
  if (text === undefined) return undefined;
  if (/^[\x21-\x7e]{1,500}$/.test(text.trim())) return text.trim();
  const issues = isFile
    ? 'must hold one line with the token alone'
    : 'must be one word of plain letters, digits and signs';
  throw appError('input.invalid', { what: isFile ? 'token file' : 'token', issues: [issues] });
}
