import { describe, expect, it } from 'vitest';
import { SlotPool } from '../../../src/main/core/serving/llamacpp/slot-pool.ts';

const first = (free: readonly string[]) => free[0] as string;
const last = (free: readonly string[]) => free.at(-1) as string;
const never = new AbortController().signal;

describe('SlotPool', () => {
  it('hands out the chosen slot, and each slot only once', async () => {
    const pool = new SlotPool(['a', 'b', 'c'], 0);
    expect(await pool.acquire(last, never)).toBe('c');
    expect(await pool.acquire(last, never)).toBe('b');
    expect(await pool.acquire(last, never)).toBe('a');
    expect(await pool.acquire(last, never)).toBeUndefined();
  });

  it('offers the slot that was freed longest ago first', async () => {
    const pool = new SlotPool(['a', 'b'], 0);
    await pool.acquire(first, never);
    await pool.acquire(first, never);
    pool.release('b');
    pool.release('a');
    expect(await pool.acquire(first, never)).toBe('b');
  });

  it('serves waiters in order, and refuses more than its queue holds', async () => {
    const pool = new SlotPool(['a'], 2);
    await pool.acquire(first, never);
    const served: number[] = [];
    const waiting = [1, 2].map((n) => pool.acquire(first, never).then(() => served.push(n)));
    expect(pool.waiting).toBe(2);
    expect(await pool.acquire(first, never)).toBeUndefined();
    pool.release('a');
    await waiting[0];
    expect(served).toEqual([1]);
    pool.release('a');
    await waiting[1];
    expect([served, pool.waiting]).toEqual([[1, 2], 0]);
  });

  it('forgets a waiter that leaves, and serves the next', async () => {
    const pool = new SlotPool(['a'], 5);
    await pool.acquire(first, never);
    const gone = new AbortController();
    const left = pool.acquire(first, gone.signal);
    const next = pool.acquire(first, never);
    gone.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(pool.waiting).toBe(1);
    pool.release('a');
    expect(await next).toBe('a');
  });

  it('refuses a caller that has already left, even with free slots', async () => {
    const pool = new SlotPool(['a'], 1);
    await expect(pool.acquire(first, AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    expect(await pool.acquire(first, never)).toBe('a');
  });

  it('keeps the slot of a waiter whose client leaves after it got it', async () => {
    const pool = new SlotPool(['a'], 1);
    await pool.acquire(first, never);
    const late = new AbortController();
    const waiter = pool.acquire(first, late.signal);
    pool.release('a');
    late.abort();
    expect(await waiter).toBe('a');
    expect(pool.waiting).toBe(0);
  });
});
