import { redact } from '../../../shared/errors/app-error.ts';

// Longer than any token of a known shape, and short enough to search quickly.
const searchedChars = 4096;
// Shorter beginnings are no secret, and other words have them.
const leastBeginning = 6;

/**
 * Returns at most `chars` characters of what another side said, without these secrets, tokens of known shapes, and control characters. A
 * hostile answer may repeat our request or contain terminal codes. Cutting comes last, because half a secret would not be found; where the
 * text was cut before, a secret's beginning at its end is hidden too.
 */
export function cleanText(text: string, secrets: readonly string[], chars: number): string {
  const hidden = secrets.reduce((out, secret) => withoutBeginning(out.replaceAll(secret, '[hidden]'), secret), text);
  return redact(hidden.slice(0, chars + searchedChars))
    .replace(/\p{Cc}/gu, (char) => (char === '\n' || char === '\t' ? char : ' '))
    .slice(0, chars);
}

function withoutBeginning(text: string, secret: string): string {
  for (let length = secret.length - 1; length >= leastBeginning; length -= 1)
    if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}[hidden]`;
  return text;
}
