import { setTimeout as sleep } from 'node:timers/promises';

/** Polls, and yields the result whenever it differs from the previous one; always yields the first. Ends on abort. */
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
