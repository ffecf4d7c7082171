import type { EstimateQuestion, Verdict } from '../../../shared/contract/estimate.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { RankedPlan } from '../../../shared/contract/models.ts';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';
import { type ModelPlan, plansOf, type Wanted } from '../../../shared/estimate/plan-model.ts';
import type { Machine } from '../../../shared/machine.ts';
import type { InputOf } from '../../../shared/rpc/contract.ts';

/** The largest number that the wizard accepts. */
const mostPeople = 100_000;

/** Returns the number of users for what was typed, limited to 1 to 100,000, or undefined if it is not a number. */
export function peopleOf(typed: number | string): number | undefined {
  const count = Math.round(Number(typed));
  if (String(typed).trim() === '' || Number.isNaN(count)) return undefined;
  return Math.min(Math.max(count, 1), mostPeople);
}

/** Returns the model to show after a new ranking. A model shown only because it was recommended is replaced by the new recommendation. */
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

/** Returns the longest context of a model: its trained length, otherwise the limit of a site file. */
export function longestOf({ architecture }: ModelSize): number {
  return architecture.contextTokens ?? 1_048_576;
}

/** Returns the context to use for a model, limited to the longest it supports. */
export function contextFor(size: ModelSize, wantedTokens: number): number {
  return Math.min(wantedTokens, longestOf(size));
}

/** Recalculates the ranking's best plan for a model with the current numbers. Undefined if the ranking has none. */
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
  /** Undefined until this machine has been checked, and for models that run elsewhere. */
  verdict: Verdict | undefined;
  recommendedId: string | undefined;
  /** Reasons given so far, by finding. */
  overrides: Record<string, string>;
  /** Why a model is chosen that is not certain to fit. */
  reason?: string | undefined;
}

/** Returns the answers to save for a choice. A reason given for an earlier choice is replaced or dropped. */
export function choiceOf({ verdict, recommendedId, overrides, reason, ...choice }: Choice): Answered {
  const { 'model.choice': _reason, ...rest } = overrides;
  const others = { ...rest, ...(reason !== undefined && { 'model.choice': reason }) };
  return {
    set: { ...choice, ...(verdict && { verdict }), ...(recommendedId && { recommendedId }), overrides: others },
    clear: [...(verdict ? [] : ['verdict' as const]), ...(recommendedId ? [] : ['recommendedId' as const])],
  };
}

/** Whether a plan with this verdict is chosen only with a reason. Without a check of this machine there is no verdict yet. */
export function needsReason(verdict: Verdict | undefined): verdict is 'does-not-fit' | 'not-known' {
  return verdict === 'does-not-fit' || verdict === 'not-known';
}

type Answered = Required<Pick<InputOf<(typeof contract)['wizard']['answer']>, 'set' | 'clear'>>;
