import type { Fit } from '../../../shared/contract/models.ts';
import { doesFit } from '../../../shared/estimate/estimate-memory.ts';
import type { HardwareCatalog } from '../hardware/hardware-catalog.ts';
import { fitOf } from './fit-of-plan.ts';
import { gitlabMinimumOf } from './gitlab-minimum.ts';
import type { PageModel } from './list-models.ts';
import type { JudgedPlan } from './rank-plans.ts';
import { topSpeed } from './top-speed.ts';

/** A model with the verdict of its best plan for one machine. */
export interface RankedModel extends PageModel {
  fit: Fit;
  best: JudgedPlan;
}

/** Returns the models in the order of their best plans, with the minimum that the page of a GitLab version prints. */
export function rankModels(
  plans: readonly JudgedPlan[],
  hardware: HardwareCatalog,
  version?: string | null,
): RankedModel[] {
  const best = new Map<string, JudgedPlan>();
  for (const one of plans) if (!best.has(one.model.id)) best.set(one.model.id, one);
  return [...best.values()].map((one) => {
    const fit = {
      ...fitOf(one.plan),
      ...topSpeed(one.model, one.plan, hardware),
      gitlabMinimum: gitlabMinimumOf(one.model.id, hardware, version),
    };
    return { model: one.model, row: one.row, fit, best: one };
  });
}

/**
 * Returns the first plan with the reason for it; undefined when it does not fit, or is one that GitLab does not support. The reason says when
 * GitLab has it only on trial, or as compatible.
 */
export function recommend(plans: readonly JudgedPlan[]): { id: string; reason: string } | undefined {
  const [best] = plans;
  if (!best || !doesFit(best.plan.estimate) || best.support.tier === 'unsupported') return undefined;
  const { row, plan, support, model } = best;
  const others = plans.filter((one) => doesFit(one.plan.estimate) && one.support.tier === support.tier);
  const isAlone = others.every((one) => one.model.id === model.id);
  const why =
    support.tier === 'supported'
      ? `${row.name} is ${isAlone ? 'the only' : 'the best'} supported model that fits.`
      : `No plan that GitLab supports fits. ${row.name} is ${isAlone ? 'the only' : 'the best'} compatible model that fits.`;
  return { id: model.id, reason: `${why} ${support.text} ${plan.estimate.reason}` };
}
