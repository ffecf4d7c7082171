import { createHash } from 'node:crypto';
import { appError } from '../../../shared/errors/app-error.ts';
import { fingerprintWords } from './fingerprint-words.ts';

const wordCount = 16;
/** The bytes that words carry: the last word is a checksum over them. */
const carriedBytes = wordCount - 1;
const valueOfWord = new Map(fingerprintWords.map((word, value) => [word, value]));

/**
 * The first 15 bytes of a fingerprint (hex) as words, 120 bits, for which no one can find a second key, and a 16th word by which a slip
 * of the telephone is heard: a wrong word, or two in each other's place, passes once in 256.
 */
export function fingerprintToWords(hex: string): string {
  const bytes = Buffer.from(hex.slice(0, 2 * carriedBytes), 'hex');
  return [...bytes, checksum(bytes)].map((value) => fingerprintWords[value]).join(' ');
}

function checksum(bytes: Buffer): number {
  return createHash('sha256').update(bytes).digest().readUInt8();
}

/**
 * Reads a fingerprint as people give it: 16 words, or 64 (at least the first 32) hex digits; case, `:`, `-`, `,` and white space
 * between them do not matter. Returns 30 (of words), 32 or 64 hex digits; `key.bad-fingerprint` names the first wrong word or digit.
 */
export function parseFingerprint(given: string): string {
  const parts = given
    .toLowerCase()
    .replace(/^\s*sha256:/, '')
    .split(/[\s:,-]+/)
    .filter((part) => part !== '');
  if (parts.length === 0) throw bad(given, 0, 'it is empty.');
  const isHex =
    /^[0-9a-f]/.test(parts.join('')) && !parts.some((part) => valueOfWord.has(part)) && /\d/.test(parts.join(''));
  return isHex ? parseHex(given, parts.join('')) : parseWords(given, parts);
}

function parseHex(given: string, digits: string): string {
  const wrong = digits.search(/[^0-9a-f]/);
  if (wrong >= 0)
    throw bad(given, wrong + 1, `digit ${wrong + 1} is "${digits[wrong]}", which is none of 0-9 and a-f.`);
  if (digits.length !== 64 && digits.length !== 32) {
    throw bad(given, digits.length, `it has ${digits.length} digits, not 64 (or the first 32).`);
  }
  return digits;
}

function parseWords(given: string, words: string[]): string {
  const bytes = words.map((word, index) => {
    const value = valueOfWord.get(word);
    if (value !== undefined) return value;
    const shown = word.slice(0, 20);
    throw bad(given, index + 1, `word ${index + 1} is "${shown}", which is not in the list.`, nearWords(shown));
  });
  if (words.length !== wordCount) throw bad(given, words.length, `it has ${words.length} words, not ${wordCount}.`);
  const carried = Buffer.from(bytes.slice(0, carriedBytes));
  if (checksum(carried) !== bytes.at(-1))
    throw bad(given, wordCount, 'the last word does not fit the others: one was misheard, or two changed places.');
  return carried.toString('hex');
}

function bad(given: string, position: number, problem: string, near: string[] = []) {
  return appError('key.bad-fingerprint', { given: given.slice(0, 300), position, problem, near });
}

/** Returns the words of the list that are nearest to a given word, at most three. */
function nearWords(word: string): string[] {
  const ranked = fingerprintWords.map((one) => ({ one, away: distance(one, word) })).sort((a, b) => a.away - b.away);
  return ranked
    .filter(({ away }) => away === ranked[0]?.away)
    .map(({ one }) => one)
    .slice(0, 3);
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
