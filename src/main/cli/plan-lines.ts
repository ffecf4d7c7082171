import type { Verdict } from '../../shared/contract/estimate.ts';
import type { RankedPlan } from '../../shared/contract/models.ts';
import type { Sizing } from '../../shared/sizing.ts';
import { engineWords, verdictWords } from '../../shared/verdict-words.ts';
import { sizingLines } from './sizing-lines.ts';

/** Marks in front of verdicts. */
export const verdictMarks: Record<Verdict, string> = {
  fits: '●',
  'fits-tight': '▲',
  'not-known': '▲',
  'does-not-fit': '■',
};

const shown = 12;

interface Ranked {
  plans?: RankedPlan[] | undefined;
  rules?: string[] | undefined;
  sizing?: Sizing | undefined;
}

/** Returns the ranked plans, each with its reason, the ranking rules, and the sizing. */
export function planLines({ plans = [], rules = [], sizing }: Ranked): string[] {
  const rest = plans.length - shown;
  return [
    ...(plans.length > 0 ? ['', 'Plans, best first'] : []),
    ...plans.slice(0, shown).flatMap(linesOf),
    ...(rest > 0 ? [`    … and ${rest} more (--json lists them all)`] : []),
    ...(rules.length > 0 ? ['', 'Ranked by', ...rules.map((rule, at) => `  ${at + 1}. ${rule}`)] : []),
    ...(sizing ? ['', ...sizingLines(sizing)] : []),
  ];
}

function linesOf(plan: RankedPlan, at: number): string[] {
  const { engine, quantization, gpus, tensorParallel, pipelineParallel, expectedConcurrency, contextTokens } = plan;
  const groups = pipelineParallel > 1 ? ` in ${pipelineParallel} groups of ${tensorParallel}` : '';
  const where = gpus === 0 ? 'in main memory' : `on ${gpus} GPU${gpus === 1 ? '' : 's'}${groups}`;
  const of = (count: number | null) =>
    `request${count === 1 ? '' : 's'} of ${contextTokens.toLocaleString('en')} tokens`;
  const room =
    expectedConcurrency === null
      ? `unknown room for ${of(null)}`
      : `room for ${expectedConcurrency} ${of(expectedConcurrency)}`;
  return [
    `${String(at + 1).padStart(3)} ${plan.name}, ${engineWords[engine]}, ${quantization}, ${where}: ${verdictWords[plan.verdict]}, ${plan.support}; ${room}`,
    ...(plan.whyNot === null ? [`      ${plan.supportText}`, ...plan.spread.map((one) => `      ${one}`)] : []),
    ...(plan.whyNot === null ? [] : [`      ${plan.whyNot}`]),
  ];
}
