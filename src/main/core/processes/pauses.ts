import { setTimeout as sleep } from 'node:timers/promises';

const firstMs = 10;

/**
 * Returns a function that pauses between polls: 10 ms at first, because most things happen quickly, then
 * longer each time, up to `longestMs`. An abort ends the pause without throwing.
 */
export function pauses(longestMs: number, signal?: AbortSignal): () => Promise<void> {
  let pauseMs = firstMs;
  return async () => {
    await sleep(Math.min(pauseMs, longestMs), undefined, { signal }).catch(() => undefined);
    pauseMs *= 1.1;
  };
}
