import { appError } from '../../../shared/errors/app-error.ts';
import { readNamed } from './read-bounded.ts';

const limitBytes = 64 * 1024;

/** A token as a person enters it: the token itself, or a file that contains it. */
export interface TokenSource {
  token?: string | undefined;
  tokenFile?: string | undefined;
}

/**
 * Returns the given token, trimmed, or undefined if none was given. Throws `input.invalid` if it cannot be sent in a header, `file.missing`
 * if its file is missing or is not a plain file, and `file.too-large` if the file is too large to be a token.
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
