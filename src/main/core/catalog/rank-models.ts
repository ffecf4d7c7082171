import type { Fit } from '../../../shared/contract/models.ts';
import { doesFit } from '../../../shared/estimate/estimate-memory.ts';
import { fitOf } from './fit-model.ts';
import { gitlabMinimumOf } from './gitlab-minimum.ts';
import type { HardwareCatalog } from './hardware-catalog.ts';
import type { PageModel } from './list-models.ts';
import type { JudgedPlan } from './rank-plans.ts';

/** A model with its verdict for one machine: that of the best of its plans. */
export interface RankedModel extends PageModel {
  fit: Fit;
  best: JudgedPlan;
}

/** The models in the order of the best plan of each. */
export function rankModels(plans: readonly JudgedPlan[], hardware: HardwareCatalog): RankedModel[] {
  const best = new Map<string, JudgedPlan>();
  for (const one of plans) if (!best.has(one.model.id)) best.set(one.model.id, one);
  return [...best.values()].map((one) => {
    const fit = { ...fitOf(one.plan), gitlabMinimum: gitlabMinimumOf(one.model.id, hardware) };
    return { model: one.model, row: one.row, fit, best: one };
  });
}

/** The first plan when it fits, and why it is that one; undefined when none fits. What GitLab does not support is said to be so. */
export function recommend(plans: readonly JudgedPlan[]): { id: string; reason: string } | undefined {
  const [best] = plans;
  if (!best || !doesFit(best.plan.estimate)) return undefined;
  const { row, plan, support, model } = best;
  const others = plans.filter((one) => doesFit(one.plan.estimate) && one.support.tier === support.tier);
  const isAlone = others.every((one) => one.model.id === model.id);
  const why =
    support.tier === 'supported'
      ? `${row.name} is ${isAlone ? 'the only' : 'the best'} supported model that fits.`
      : `No plan that GitLab supports fits; ${row.name} does.`;
  return { id: model.id, reason: `${why} ${support.text} ${plan.estimate.reason}` };
}
