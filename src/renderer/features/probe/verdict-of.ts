import type { ProbeResult } from '../../../shared/contract/probe.ts';
import type { WizardStep } from '../../../shared/contract/wizard.ts';
import { probeText as text } from '../../text/probe.ts';

/** Sums up a probe: a failed hop first, then doubts, then success. */
export function verdictOf({ hops, firstRed, findings = [], notChecked }: ProbeResult): {
  mark: WizardStep['status'];
  said: string;
} {
  const red = hops.find((hop) => hop.hop === firstRed);
  if (red) return { mark: 'blocked', said: text.red(red.title) };
  const asked = hops.filter((hop) => !hop.skipped).length;
  const isDoubtful = findings.some((one) => one.severity !== 'green');
  if (isDoubtful) return { mark: 'look', said: text.doubtful(asked) };
  return { mark: 'done', said: text.allGood(asked, notChecked.length) };
}
