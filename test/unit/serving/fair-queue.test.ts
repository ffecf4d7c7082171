import { describe, expect, it } from 'vitest';
import { FairQueue } from '../../../src/main/core/serving/front/fair-queue.ts';

/** A queue, and requests in it: the names of those that ran, in order, and how each is ended. */
function queueOf(places: number, maxOpen: number) {
  const queue = new FairQueue(places, maxOpen);
  const ran: string[] = [];
  const refused: [name: string, status: number][] = [];
  const ask = (owner: string, name = owner) => {
    const gone = new AbortController();
    const entered = queue.enter(owner, gone.signal).then(
      () => void ran.push(name),
      (error) => void (gone.signal.aborted || refused.push([name, error.facts.status])),
    );
    return { end: () => gone.abort(), entered };
  };
  /** All that can happen by now has happened. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { queue, ran, refused, ask, settle };
}

describe('the queue of a front', () => {
  it('gives each owner a turn, however many requests another one has waiting', async () => {
    const { ran, ask, settle } = queueOf(1, 100);
    const first = ask('a', 'a1');
    const others = [ask('a', 'a2'), ask('a', 'a3'), ask('b', 'b1'), ask('c', 'c1'), ask('b', 'b2')];
    await first.entered;
    const [a2, a3, b1, c1, b2] = others;
    for (const one of [first, b1, c1, a2, b2, a3]) {
      one?.end();
      await settle();
    }
    expect(ran).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('runs as many at once as it has places', async () => {
    const { queue, ran, ask, settle } = queueOf(2, 100);
    for (const name of ['a1', 'a2', 'a3']) ask('a', name);
    await settle();
    expect([ran, queue.waiting]).toEqual([['a1', 'a2'], 1]);
  });

  it('refuses with 429 when it is full', async () => {
    const { refused, ask, settle } = queueOf(1, 2);
    for (const name of ['a1', 'a2', 'a3']) ask('a', name);
    await settle();
    expect(refused).toEqual([['a3', 429]]);
  });

  it('makes room for another owner at the cost of the one who fills it, whose newest request is refused', async () => {
    const { ran, refused, ask, settle } = queueOf(1, 4);
    const first = ask('a', 'a1');
    for (const name of ['a2', 'a3', 'a4']) ask('a', name);
    ask('b', 'b1');
    await settle();
    expect(refused).toEqual([['a4', 429]]);
    first.end();
    await settle();
    expect(ran).toEqual(['a1', 'b1']);
  });

  it('does not let owners with as many requests push each other out', async () => {
    const { refused, ask, settle } = queueOf(1, 4);
    for (const name of ['a1', 'a2', 'b1', 'b2']) ask(name.slice(0, 1), name);
    ask('a', 'a3');
    await settle();
    expect(refused).toEqual([['a3', 429]]);
  });

  it('forgets who leaves while waiting', async () => {
    const { queue, ran, ask, settle } = queueOf(1, 100);
    const first = ask('a', 'a1');
    ask('a', 'a2').end();
    ask('a', 'a3');
    first.end();
    await settle();
    expect([ran, queue.waiting]).toEqual([['a1', 'a3'], 0]);
  });
});
