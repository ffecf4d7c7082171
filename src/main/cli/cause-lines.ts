import { boundedText } from '../../shared/bounded-text.ts';
import type { ProbeCause } from '../../shared/contract/probe.ts';
import { plainLine } from '../../shared/plain-text.ts';
import { remedyLines } from './print.ts';

/** Returns one possible cause as lines: title, explanation, evidence, remedies. */
export function causeLines({ id, title, cause, confidence, evidence, remedies }: ProbeCause, mark = ''): string[] {
  return [
    '',
    `■ ${mark}${title}  (${id}, confidence ${confidence})`,
    `  ${cause}`,
    ...evidence.map((one) => `  Evidence: ${boundedText(plainLine(one), 300)}`),
    '  What to do:',
    ...remedies.flatMap(remedyLines),
  ];
}
