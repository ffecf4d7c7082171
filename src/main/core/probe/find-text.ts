import { redact } from '../../../shared/errors/app-error.ts';
import { plainLine } from '../../../shared/plain-text.ts';

/** Texts of one failure, prepared for search. */
export interface SearchedText {
  /** What the text is, for evidence: `answer` or `log`. */
  name: 'answer' | 'log';
  text: string;
  lower: string;
}

/** Prepares a text for search in any letter case. */
export function searchedText(name: SearchedText['name'], text: string): SearchedText {
  return { name, text, lower: text.toLowerCase() };
}

/** Returns evidence for the first of these words that a text contains, in any letter case; undefined when none does. */
export function findWords(texts: readonly SearchedText[], words: readonly string[]): string[] | undefined {
  for (const one of texts)
    for (const word of words) {
      const at = one.lower.indexOf(word.toLowerCase());
      if (at !== -1) return evidenceAt(one, word.trim(), at);
    }
  return undefined;
}

/** Returns evidence for the first of these codes that a text calls an error code; undefined when none does. */
export function findErrorCode(texts: readonly SearchedText[], codes: readonly string[]): string[] | undefined {
  const any = codes.join('|');
  const pattern = new RegExp(
    `code\\W{1,6}(?:is\\W{1,3})?(${any})\\b|\\((${any})\\)|^[^\\w\n]*(${any})[^\\w\n]*$`,
    'im',
  );
  for (const one of texts) {
    const found = pattern.exec(one.text);
    if (found) return evidenceAt(one, found.slice(1).find((code) => code !== undefined) ?? any, found.index);
  }
  return undefined;
}

// Longer than any token of a known shape, so that none is cut in half before it is hidden.
const searchedChars = 4096;
const shownChars = 160;

function evidenceAt({ name, text }: SearchedText, words: string, at: number): string[] {
  const said = `the ${name} says "${words}"`;
  if (name === 'answer') return [said];
  const before = text.slice(0, at);
  const start = Math.max(before.lastIndexOf('\n') + 1, at - searchedChars);
  const end = text.indexOf('\n', at);
  const line = text.slice(start, Math.min(end === -1 ? text.length : end, at + searchedChars));
  return [`${said} (line ${before.split('\n').length})`, excerpt(plainLine(redact(line)), words)];
}

/** Cuts a long line to what stands around the words. */
function excerpt(line: string, words: string): string {
  const from = Math.max(0, line.toLowerCase().indexOf(words.toLowerCase()) - shownChars / 2);
  const shown = line.slice(from, from + shownChars);
  return `${from > 0 ? '…' : ''}${shown}${from + shownChars < line.length ? '…' : ''}`;
}
