import { setTimeout as sleep } from 'node:timers/promises';

/** The first time, it was a passing fault more often than not. */
const firstMs = 50;
const secondMs = 500;
const longestMs = 60_000;
/** Shorter waits are not worth a line. */
const saidMs = 2000;
/** The longest wait that a server may ask for; a longer one ends the work, which resumes later. */
export const patienceSeconds = 600;

/** Who follows the questions to a host: a signal that ends also a wait at once, and a listener that gets a line before each longer wait. */
export interface RemoteWatch {
  signal: AbortSignal;
  say(line: string): void;
}

/** Waits before the next attempt (`attempt` counts from 1), or as long as the host asked. Throws the signal's reason. */
export async function backOff(
  attempt: number,
  { signal, say }: RemoteWatch,
  { host, askedSeconds }: { host: string; askedSeconds?: number | undefined },
): Promise<void> {
  const ownMs = attempt === 1 ? firstMs : Math.min(longestMs, secondMs * 2 ** (attempt - 2));
  const waitMs = askedSeconds === undefined ? ownMs : askedSeconds * 1000;
  if (waitMs >= saidMs) {
    const why = askedSeconds === undefined ? `before ${host} is asked again` : `because ${host} asked for it`;
    say(`Waiting ${Math.ceil(waitMs / 1000)} s ${why}`);
  }
  try {
    await sleep(waitMs, undefined, { signal });
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
