import type { ServiceState } from '../../serving/parts.ts';

const silentAfterMs = 10_000;

/** How long a part's process has been there without an answer, in ms; 0 below 10 s: one slow answer says nothing. */
export function silentMs(
  { silentSince }: Partial<Pick<ServiceState['parts'][number], 'silentSince'>>,
  now: Date,
): number {
  const ms = silentSince === undefined ? 0 : now.getTime() - Date.parse(silentSince);
  return ms >= silentAfterMs ? ms : 0;
}
