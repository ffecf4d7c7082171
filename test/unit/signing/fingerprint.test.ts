import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintToWords, parseFingerprint } from '../../../src/main/core/signing/fingerprint.ts';
import { fingerprintWords } from '../../../src/main/core/signing/fingerprint-words.ts';
import { AppError } from '../../../src/shared/errors/app-error.ts';

const hex64 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));

function problemOf(given: string): Record<string, unknown> {
  try {
    parseFingerprint(given);
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, ...error.wire.details };
  }
  return {};
}

describe('fingerprint words', () => {
  it('are 256, short, and no two differ by one letter', () => {
    expect(new Set(fingerprintWords).size).toBe(256);
    for (const a of fingerprintWords) {
      expect(a).toMatch(/^[a-z]{3,9}$/);
      for (const b of fingerprintWords) if (a < b) expect(isOneLetterApart(a, b), `${a} ${b}`).toBe(false);
    }
  });
});

describe('parseFingerprint', () => {
  it('reads what fingerprintToWords writes', () => {
    fc.assert(fc.property(hex64, (hex) => parseFingerprint(fingerprintToWords(hex)) === hex.slice(0, 30)));
  });

  it('reads hex in any case, in groups and with a prefix', () => {
    fc.assert(
      fc.property(hex64, (hex) => {
        const groups = hex.match(/.{4}/g)?.join(':') ?? '';
        return [hex, hex.toUpperCase(), groups, `SHA256:${hex}`, ` ${hex.slice(0, 32)} ${hex.slice(32)}\n`].every(
          (given) => parseFingerprint(given) === hex,
        );
      }),
    );
  });

  const hex = '36b9a789d8eab806a7e8f6ec0743c80c49a52547ed465a479cf8e07bdc0ca011';
  const words = fingerprintToWords(hex).split(' ');
  it.each([
    ['', 0],
    [words.slice(0, 15).join(' '), 15],
    [[...words, 'acorn'].join(' '), 17],
    [words.with(6, 'pigoen').join(' '), 7],
    [words.with(15, 'autum').join('-'), 16],
    [hex.slice(0, 63), 63],
    [`${hex}0`, 65],
    [hex.slice(0, 40).concat('g', hex.slice(41)), 41],
    [hex.replace('36b9', '36-b9-x'), 5],
  ])('refuses %j and names the place', (given, position) => {
    expect(problemOf(given)).toMatchObject({ code: 'key.bad-fingerprint', position });
  });

  it('suggests the word that was meant', () => {
    expect(problemOf(words.with(0, 'chery').join(' '))).toMatchObject({ near: ['cherry'] });
  });

  it.each([
    ['another word of the list', words.with(4, words[4] === 'acorn' ? 'cherry' : 'acorn')],
    ["two words in each other's place", words.with(2, words[3] ?? '').with(3, words[2] ?? '')],
    ['another last word', words.with(15, words[15] === 'acorn' ? 'cherry' : 'acorn')],
  ])('hears a slip of the telephone: %s', (_what, given) => {
    expect(problemOf(given.join(' '))).toMatchObject({
      code: 'key.bad-fingerprint',
      problem: expect.stringContaining('the last word'),
    });
  });

  it('changes a word for every change of the first 15 bytes', () => {
    fc.assert(
      fc.property(hex64, fc.nat(14), fc.integer({ min: 1, max: 255 }), (one, at, change) => {
        const bytes = Buffer.from(one, 'hex');
        bytes[at] = (bytes[at] ?? 0) ^ change;
        return fingerprintToWords(bytes.toString('hex')) !== fingerprintToWords(one);
      }),
    );
  });
});

function isOneLetterApart(a: string, b: string): boolean {
  if (a.length === b.length) return [...a].filter((letter, at) => letter !== b[at]).length === 1;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  return [...long].some((_, at) => long.slice(0, at) + long.slice(at + 1) === short);
}
