import type { Diagnosis, ProbeResult } from '../../../shared/contract/probe.ts';

/** Returns what a probe says about its first failed hop. */
export function diagnosisOf({ causes, hops, firstRed, at }: ProbeResult): Diagnosis {
  const red = hops.find((one) => one.hop === firstRed);
  return {
    causes,
    ...(red && { failedHop: { hop: red.hop, title: red.title, simulated: red.simulated } }),
    probedAt: at,
  };
}
