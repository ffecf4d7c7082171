import { expect, it } from 'vitest';
import { digest, digestOf, hexDigest, hexOf, shortHex } from '../../../src/shared/digest.ts';

const hex = 'ab'.repeat(32);

it('turns hex digits into a digest and back', () => {
  expect(digestOf(hex)).toBe(`sha256:${hex}`);
  expect(hexOf(digestOf(hex))).toBe(hex);
  expect(shortHex(digestOf(hex))).toBe('abababababab');
  expect(shortHex(hex)).toBe('abababababab');
});

it('throws on hex digits where a digest is expected, so that the two forms are never confused', () => {
  expect(() => hexOf(hex)).toThrow('is not a digest');
});

it.each(['', hex.slice(1), hex.toUpperCase(), `${hex}0`, `${hex}\n`, `sha512:${hex}`])(
  'refuses %j in both forms',
  (text) => {
    expect(hexDigest.safeParse(text).success).toBe(false);
    expect(digest.safeParse(text).success).toBe(false);
    expect(digest.safeParse(`sha256:${text}`).success).toBe(false);
  },
);
