import { bytesText } from '../bytes-text.ts';
import type { DeviceEstimate, MemoryEstimate } from '../contract/estimate.ts';

/** Uncertainty of a number as factors. */
type Factors = { low: number; high: number };
/** Uncertainty of the parts of an estimate; the KV cache follows its formula exactly. */
export interface Spread {
  weights: Factors;
  scratch: Factors;
}

function bound(place: DeviceEstimate, spread: Spread, end: 'low' | 'high'): number {
  const { weightsBytes, kvCacheBytes: kv, computeBytes, overheadBytes } = place;
  return Math.ceil(
    (weightsBytes ?? 0) * spread.weights[end] + (kv ?? 0) + (computeBytes + overheadBytes) * spread.scratch[end],
  );
}

/** Returns the range of the total; null if a part is unknown or there is no device. */
export function intervalOf(places: readonly DeviceEstimate[], spread: Spread): MemoryEstimate['interval'] {
  if (places.length === 0 || places.some((one) => one.totalBytes === null)) return null;
  const sum = (end: 'low' | 'high') => places.reduce((all, one) => all + bound(one, spread, end), 0);
  return { lowBytes: sum('low'), highBytes: sum('high') };
}

/** Returns whether each device has room for its part, with the numbers of the tightest one. */
export function verdictOf(
  places: readonly DeviceEstimate[],
  spread: Spread,
  missing: readonly string[],
): Pick<MemoryEstimate, 'verdict' | 'reason'> {
  const least = (one: DeviceEstimate) =>
    (one.weightsBytes ?? 0) + (one.kvCacheBytes ?? 0) + one.computeBytes + one.overheadBytes;
  const worst = [...places].sort((a, b) => a.usableBytes - least(a) - (b.usableBytes - least(b)))[0];
  if (!worst) return { verdict: 'not-known', reason: 'No device is available for it.' };
  const where = places.length > 1 ? ` on ${worst.name}` : '';
  const against = `${bytesText(worst.usableBytes)} of ${bytesText(worst.capacityBytes)} is usable`;
  // The known parts alone are too much, so unknown parts do not matter.
  if (least(worst) > worst.usableBytes) {
    const more = worst.totalBytes === null ? 'more than ' : '';
    return { verdict: 'does-not-fit', reason: `Needs ${more}${bytesText(least(worst))}${where}; ${against}.` };
  }
  if (missing.length > 0) return { verdict: 'not-known', reason: `Unknown for this model: ${missing.join(', ')}.` };
  const isSure = places.every((one) => bound(one, spread, 'high') <= one.usableBytes);
  return {
    verdict: isSure ? 'fits' : 'fits-tight',
    reason: `Needs ${bytesText(least(worst))}${where}; ${against}.`,
  };
}
