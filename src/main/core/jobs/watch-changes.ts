import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again, and yields what it sees whenever that is other than before; the first look always. Ends on abort. */
export async function* watchChanges<T>(
  look: () => Promise<T>,
  everyMs: number,
  signal: AbortSignal,
): AsyncGenerator<T> {
  let last: string | undefined;
  while (!signal.aborted) {
    const now = await look();
    const text = JSON.stringify(now);
    if (text !== last) yield now;
    last = text;
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
