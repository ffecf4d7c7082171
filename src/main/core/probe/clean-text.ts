import { redact } from '../../../shared/errors/app-error.ts';

// Longer than any token of a known shape, and short enough to search quickly.
const searchedChars = 4096;

/**
 * Returns at most `chars` characters of what another side said, without these secrets, tokens of known shapes, and control characters. A
 * hostile answer may repeat our request or contain terminal codes. Cutting comes last, because half a secret would not be found.
 */
export function cleanText(text: string, secrets: readonly string[], chars: number): string {
  const hidden = secrets.reduce((out, secret) => out.replaceAll(secret, '[hidden]'), text);
  return redact(hidden.slice(0, chars + searchedChars))
    .replace(/\p{Cc}/gu, (char) => (char === '\n' || char === '\t' ? char : ' '))
    .slice(0, chars);
}
