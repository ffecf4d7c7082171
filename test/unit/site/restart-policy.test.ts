import { describe, expect, it } from 'vitest';
import { RestartPolicy } from '../../../src/main/core/site/service/restart-policy.ts';
import { isHung, silentMs } from '../../../src/main/core/site/service/silent-part.ts';

const minute = 60_000;

describe('a part that ends', () => {
  it('at once, again and again, counts as failed after five times, and is never given up', () => {
    const policy = new RestartPolicy();
    const ends = Array.from({ length: 9 }, () => policy.failed(100));
    expect(ends.map((one) => one.delayMs)).toEqual([500, 1000, 2000, 4000, 1, 2, 4, 5, 5].map(asMs));
    expect(ends.map((one) => one.isFailed)).toEqual([false, false, false, false, true, true, true, true, true]);
  });

  it('after some time is restarted ever more slowly, and counts as running', () => {
    const policy = new RestartPolicy();
    const ends = Array.from({ length: 12 }, () => policy.failed(minute));
    expect(ends.at(-1)).toEqual({ delayMs: 30_000, isFailed: false });
  });

  it('after ten good minutes is restarted at once', () => {
    const policy = new RestartPolicy();
    for (let times = 0; times < 8; times += 1) policy.failed(100);
    expect(policy.failed(10 * minute)).toEqual({ delayMs: 500, isFailed: false });
  });
});

describe('a part that does not answer', () => {
  const now = new Date('2026-01-01T00:10:00Z');
  it.each([
    ['2026-01-01T00:09:55Z', 0, false],
    ['2026-01-01T00:09:00Z', minute, false],
    ['2026-01-01T00:07:00Z', 3 * minute, true],
  ])('since %s is silent for %i ms and hangs: %s', (silentSince, ms, hangs) => {
    expect(silentMs({ silentSince }, now)).toBe(ms);
    expect(isHung({ silentSince }, now)).toBe(hangs);
  });

  it('is neither when it answered', () => {
    expect(isHung({}, now)).toBe(false);
  });
});

/** Minutes below ten, else milliseconds. */
function asMs(value: number): number {
  return value < 10 ? value * minute : value;
}
