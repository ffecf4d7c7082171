import type { Finding } from './finding.ts';
import { stepWords } from './step-words.ts';

/** How many findings block, were overridden with a reason, need attention or passed. */
export interface FindingCounts {
  blocked: number;
  overridden: number;
  attention: number;
  passed: number;
}

/** Counts findings. A red one whose ID is in `overrides` no longer blocks. */
export function countFindings(
  findings: readonly Finding[],
  overrides: Readonly<Record<string, string>> = {},
): FindingCounts {
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length;
  const overridden = findings.filter((one) => one.severity === 'red' && Object.hasOwn(overrides, one.id)).length;
  return { blocked: count('red') - overridden, overridden, attention: count('amber'), passed: count('green') };
}

/** Returns counts in words, English ones unless others are given: `1 blocked · 1 overridden · 38 need attention · 0 passed`. Leaves out what is 0, except for `passed`. */
export function countsText(
  { blocked, overridden, attention, passed }: FindingCounts,
  words: Pick<typeof stepWords, keyof FindingCounts> = stepWords,
): string {
  const parts = [
    blocked > 0 && words.blocked(blocked),
    overridden > 0 && words.overridden(overridden),
    attention > 0 && words.attention(attention),
    words.passed(passed),
  ];
  return parts.filter(Boolean).join(' · ');
}
