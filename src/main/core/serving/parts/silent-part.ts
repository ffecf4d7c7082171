const silentAfterMs = 10_000;
const hungAfterMs = 3 * 60_000;
/** A model that computes for so long without a result hangs; a batch of a prompt takes minutes on a slow machine. */
export const stalledAfterSeconds = 10 * 60;

/** Returns how long a running part has not answered, in ms; 0 below 10 s, because one slow answer means nothing. */
export function silentMs({ silentSince }: { silentSince?: string | undefined }, now: Date): number {
  return longEnough(silentSince === undefined ? 0 : now.getTime() - Date.parse(silentSince));
}

/** As `silentMs`, for a time measured with a clock that no one sets. */
export function longEnough(ms: number): number {
  return ms >= silentAfterMs ? ms : 0;
}

/** Returns why a running part is restarted: it has not answered for three minutes, or its model has computed for ten without a token. */
export function hangProblem(
  unansweredMs: number,
  { silentSeconds }: Record<string, number | string | boolean>,
): string | undefined {
  if (unansweredMs >= hungAfterMs) return `did not answer for ${Math.round(unansweredMs / 1000)} s`;
  if (Number(silentSeconds ?? 0) >= stalledAfterSeconds) return `produced no token for ${silentSeconds} s`;
  return undefined;
}
