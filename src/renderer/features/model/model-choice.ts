import type { EstimateQuestion, Verdict } from '../../../shared/contract/estimate.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { RankedPlan } from '../../../shared/contract/models.ts';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';
import { type ModelPlan, plansOf, type Wanted } from '../../../shared/estimate/plan-model.ts';
import type { Machine } from '../../../shared/machine.ts';
import type { InputOf } from '../../../shared/rpc/contract.ts';

/** The most that the wizard takes. */
const mostPeople = 100_000;

/** The people that a typed number stands for, 1 to 100,000; undefined while no number is typed. */
export function peopleOf(typed: number | string): number | undefined {
  const count = Math.round(Number(typed));
  if (String(typed).trim() === '' || Number.isNaN(count)) return undefined;
  return Math.min(Math.max(count, 1), mostPeople);
}

/** The model to show after a new ranking: what was shown because it was recommended gives way to what is recommended now. */
export function shownAfter(now: {
  shownId: string | undefined;
  chosenId: string | undefined;
  before: string | undefined;
  after: string | undefined;
}): string | undefined {
  const { shownId, chosenId, before, after } = now;
  const isPicked = shownId !== undefined && (shownId !== before || shownId === chosenId);
  return isPicked ? shownId : after;
}

/** The longest context of a model: what it was trained for, else what a site file takes. */
export function longestOf({ architecture }: ModelSize): number {
  return architecture.contextTokens ?? 1_048_576;
}

/** The context of a model where so many tokens are wanted: at most the longest it has. */
export function contextFor(size: ModelSize, wantedTokens: number): number {
  return Math.min(wantedTokens, longestOf(size));
}

/** The plan that the ranking puts first for a model, reckoned with what is wanted now; undefined where the ranking has none. */
export function planNow(
  size: ModelSize,
  first: RankedPlan | undefined,
  machine: Machine,
  wanted: Wanted,
): ModelPlan | undefined {
  if (!first) return undefined;
  const isFirst = ({ estimate }: ModelPlan) =>
    estimate.engine === first.engine && estimate.quantization === first.quantization;
  return plansOf(size, machine, wanted).find(isFirst);
}

interface Choice extends Pick<EstimateQuestion, 'contextTokens' | 'concurrency'> {
  modelId: string;
  /** Undefined while nobody looked at this machine, and for models that run elsewhere. */
  verdict: Verdict | undefined;
  recommendedId: string | undefined;
  /** Reasons that were given so far. */
  overrides: Record<string, string>;
}

/** The answers that a choice makes. A reason for an earlier choice goes. */
export function choiceOf({ verdict, recommendedId, overrides, ...choice }: Choice): Answered {
  const { 'model.choice': _reason, ...others } = overrides;
  return {
    set: { ...choice, ...(verdict && { verdict }), ...(recommendedId && { recommendedId }), overrides: others },
    clear: [...(verdict ? [] : ['verdict' as const]), ...(recommendedId ? [] : ['recommendedId' as const])],
  };
}

type Answered = Required<Pick<InputOf<(typeof contract)['wizard']['answer']>, 'set' | 'clear'>>;
