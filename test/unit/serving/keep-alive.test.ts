import { once } from 'node:events';
import { expect, it } from 'vitest';
import { Filled, silenceMs } from '../../../src/main/core/serving/front/keep-alive.ts';

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
  const filled = new Filled(pieces(), { text: '.', silentMs: 1, isLate: false });
  for await (const piece of filled) {
    seen.push(piece);
    if (seen.length === 4) release();
    if (piece === 'b') break;
  }
  expect(seen.slice(0, 4)).toEqual(['a', '.', '.', '.']);
  expect(seen.slice(4).join('')).toMatch(/^\.*b$/);
  // Whoever breaks off leaves an AbortError, which `once` would throw.
  if (!filled.closed) await new Promise((resolve) => filled.once('close', resolve));
  expect(hasEnded).toBe(true);
});

it('fills at once for a client that has waited already, and nothing for one that takes nothing', async () => {
  async function* pieces() {
    await new Promise(() => undefined);
    yield '';
  }
  const filled = new Filled(pieces(), { text: '.', silentMs: 1, isLate: true });
  expect(filled.read()).toBe('.');
  await once(filled, 'readable');
  // As many silences as it takes for the timer to have run again.
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(filled.readableLength).toBe(1);
  expect(filled.read()).toBe('.');
});
