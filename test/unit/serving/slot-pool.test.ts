import { describe, expect, it } from 'vitest';
import { SlotPool } from '../../../src/main/core/serving/llamacpp/slot-pool.ts';

const first = (free: readonly string[]) => free[0] as string;
const last = (free: readonly string[]) => free.at(-1) as string;
const never = new AbortController().signal;

/** Slots, and requests for them: the names of those that got one, in order, those refused, and how each is ended. */
function poolOf(slots: number, maxWaiting: number) {
  const pool = new SlotPool(
    Array.from({ length: slots }, (_, at) => `slot ${at}`),
    maxWaiting,
  );
  const ran: string[] = [];
  const refused: string[] = [];
  const ask = async (owner: string, name: string) => {
    const slot = await pool.acquire(owner, first, never);
    if (slot === undefined) return void refused.push(name);
    ran.push(name);
    held.push(slot);
  };
  const held: string[] = [];
  /** All that can happen by now has happened. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const end = async () => {
    pool.release(held.shift() ?? '');
    await settle();
  };
  return { pool, ran, refused, ask, end, settle };
}

describe('SlotPool', () => {
  it('hands out the chosen slot, and each slot only once', async () => {
    const pool = new SlotPool(['a', 'b', 'c'], 0);
    expect(await pool.acquire('one', last, never)).toBe('c');
    expect(await pool.acquire('one', last, never)).toBe('b');
    expect(await pool.acquire('one', last, never)).toBe('a');
    expect(await pool.acquire('one', last, never)).toBeUndefined();
  });

  it('offers the slot that was freed longest ago first', async () => {
    const pool = new SlotPool(['a', 'b'], 0);
    await pool.acquire('one', first, never);
    await pool.acquire('one', first, never);
    pool.release('b');
    pool.release('a');
    expect(await pool.acquire('one', first, never)).toBe('b');
  });

  it('serves waiters in order, and refuses more than its queue holds', async () => {
    const pool = new SlotPool(['a'], 2);
    await pool.acquire('one', first, never);
    const served: number[] = [];
    const waiting = [1, 2].map((n) => pool.acquire('one', first, never).then(() => served.push(n)));
    expect(pool.waiting).toBe(2);
    expect(await pool.acquire('one', first, never)).toBeUndefined();
    pool.release('a');
    await waiting[0];
    expect(served).toEqual([1]);
    pool.release('a');
    await waiting[1];
    expect([served, pool.waiting]).toEqual([[1, 2], 0]);
  });

  it('forgets a waiter that leaves, and serves the next', async () => {
    const pool = new SlotPool(['a'], 5);
    await pool.acquire('one', first, never);
    const gone = new AbortController();
    const left = pool.acquire('one', first, gone.signal);
    const next = pool.acquire('one', first, never);
    gone.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(pool.waiting).toBe(1);
    pool.release('a');
    expect(await next).toBe('a');
  });

  it('refuses a caller that has already left, even with free slots', async () => {
    const pool = new SlotPool(['a'], 1);
    await expect(pool.acquire('one', first, AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    expect(await pool.acquire('one', first, never)).toBe('a');
  });

  it('keeps the slot of a waiter whose client leaves after it got it', async () => {
    const pool = new SlotPool(['a'], 1);
    await pool.acquire('one', first, never);
    const late = new AbortController();
    const waiter = pool.acquire('one', first, late.signal);
    pool.release('a');
    late.abort();
    expect(await waiter).toBe('a');
    expect(pool.waiting).toBe(0);
  });
});

describe('the queue of a SlotPool', () => {
  it('gives each owner a turn, however many requests another one has waiting', async () => {
    const { ran, ask, end, settle } = poolOf(1, 100);
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) void ask(name.slice(0, 1), name);
    await settle();
    for (let ended = 0; ended < 5; ended += 1) await end();
    expect(ran).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('gives no owner a second slot while another one has none', async () => {
    const { ran, ask, end, settle } = poolOf(2, 100);
    for (const name of ['a1', 'b1', 'a2', 'c1']) void ask(name.slice(0, 1), name);
    await settle();
    // The slot of b1 is still taken, so c is the one with none.
    await end();
    expect(ran).toEqual(['a1', 'b1', 'c1']);
  });

  it('makes room for another owner at the cost of the one who fills it, whose newest request is refused', async () => {
    const { ran, refused, ask, end, settle } = poolOf(1, 3);
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1']) void ask(name.slice(0, 1), name);
    await settle();
    expect(refused).toEqual(['a4']);
    await end();
    expect(ran).toEqual(['a1', 'b1']);
  });

  it('does not let owners with as many requests push each other out', async () => {
    const { refused, ask, settle } = poolOf(1, 3);
    for (const name of ['a1', 'a2', 'b1', 'b2', 'a3']) void ask(name.slice(0, 1), name);
    await settle();
    expect(refused).toEqual(['a3']);
  });
});
