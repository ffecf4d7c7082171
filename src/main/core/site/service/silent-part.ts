import type { ServiceState } from '../../serving/parts/parts.ts';

const silentAfterMs = 10_000;
const hungAfterMs = 3 * 60_000;

/** Returns how long a running part has not answered, in ms; 0 below 10 s, because one slow answer means nothing. */
export function silentMs(
  { silentSince }: Partial<Pick<ServiceState['parts'][number], 'silentSince'>>,
  now: Date,
): number {
  const ms = silentSince === undefined ? 0 : now.getTime() - Date.parse(silentSince);
  return ms >= silentAfterMs ? ms : 0;
}

/** Returns whether a running part has not answered for so long that it is restarted: three minutes. */
export function isHung(part: Parameters<typeof silentMs>[0], now: Date): boolean {
  return silentMs(part, now) >= hungAfterMs;
}
