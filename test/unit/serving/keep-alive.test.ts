import { expect, it } from 'vitest';
import { silenceMs, withFiller } from '../../../src/main/core/serving/front/keep-alive.ts';

it.each([
  ['30', 10_000],
  ['0.3', 100],
  ['60.0', 20_000],
  ['999999', 200_000],
  ['0', undefined],
  ['-1', undefined],
  ['NaN', undefined],
  ['1e3', undefined],
  ['', undefined],
  [undefined, undefined],
  [['30', '30'], undefined],
])('x-stainless-read-timeout %j: something is heard after %s ms', (header, expected) => {
  expect(silenceMs(header as string)).toBe(expected);
});

it('fills silence only, and ends what it reads when nobody reads it any more', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let hasEnded = false;
  async function* pieces() {
    try {
      yield 'a';
      await released;
      yield 'b';
      yield 'never read';
    } finally {
      hasEnded = true;
    }
  }
  const seen: string[] = [];
  for await (const piece of withFiller(pieces(), '.', 1)) {
    seen.push(piece);
    if (seen.length === 4) release();
    if (piece === 'b') break;
  }
  expect(seen.slice(0, 4)).toEqual(['a', '.', '.', '.']);
  expect(seen.slice(4).join('')).toMatch(/^\.*b$/);
  expect(hasEnded).toBe(true);
});
