import { setTimeout as sleep } from 'node:timers/promises';

/** The first time, it was a passing fault more often than not. */
const firstMs = 50;
const secondMs = 500;
const longestMs = 60_000;
/** The longest wait that a server may ask for; a longer one ends the work, which resumes later. */
export const patienceSeconds = 600;

/** Waits before the next attempt (`attempt` counts from 1), or as long as the server asked. Throws the signal's reason. */
export async function backOff(attempt: number, signal: AbortSignal, askedSeconds?: number): Promise<void> {
  const ownMs = attempt === 1 ? firstMs : Math.min(longestMs, secondMs * 2 ** (attempt - 2));
  try {
    await sleep(askedSeconds === undefined ? ownMs : askedSeconds * 1000, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}

/** Returns the seconds of a `Retry-After` header, which is a number or a date; undefined when it is neither. */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim());
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - now) / 1000));
}
