import { describe, expect, it } from 'vitest';
import { hangProblem, silentMs } from '../../../src/main/core/serving/parts/silent-part.ts';
import { RestartPolicy } from '../../../src/main/core/site/service/restart-policy.ts';

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
    ['2026-01-01T00:09:55Z', 0],
    ['2026-01-01T00:09:00Z', minute],
    [undefined, 0],
  ])('since %s is silent for %i ms', (silentSince, ms) => {
    expect(silentMs({ silentSince }, now)).toBe(ms);
  });

  it.each<[number, Record<string, number>, string | undefined]>([
    [0, {}, undefined],
    [minute, { silentSeconds: 0 }, undefined],
    [3 * minute, {}, 'did not answer for 180 s'],
    [0, { silentSeconds: 599 }, undefined],
    [0, { silentSeconds: 600 }, 'produced no token for 600 s'],
  ])('for %i ms, with the figures %o, is restarted: %s', (unansweredMs, measured, problem) => {
    expect(hangProblem(unansweredMs, measured)).toBe(problem);
  });
});

/** Minutes below ten, else milliseconds. */
function asMs(value: number): number {
  return value < 10 ? value * minute : value;
}
