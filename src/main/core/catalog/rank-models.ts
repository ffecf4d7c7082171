import { type Fit, type ModelFeature, modelFeature } from '../../../shared/contract/models.ts';
import { doesFit } from '../../../shared/estimate/estimate-memory.ts';
import { plansOf, type Wanted } from '../../../shared/estimate/plan-model.ts';
import type { Machine } from '../../../shared/machine.ts';
import { fitOf } from './fit-model.ts';
import { gitlabMinimumOf } from './gitlab-minimum.ts';
import type { ChosenPage } from './gitlab-version.ts';
import type { HardwareCatalog } from './hardware-catalog.ts';
import { levelOf, type PageModel, sizeOf } from './list-models.ts';
import type { ModelCatalog } from './model-catalog.ts';
import { type JudgedPlan, sortPlans } from './rank-plans.ts';
import { modelSupport, planSupport } from './support-tier.ts';

/** A model with its verdict for one machine: that of the best of its plans. */
export interface RankedModel extends PageModel {
  fit: Fit;
  best: JudgedPlan;
}

/** What plans are ranked for. */
export interface RankingQuestion {
  catalog: ModelCatalog;
  chosen: ChosenPage;
  machine: Machine;
  /** None: all count. */
  features: readonly ModelFeature[];
  needs?: Wanted | undefined;
}

const points = { full: 3, partial: 2, listed: 1, none: 0 } as const;

/** All ways to serve the self-hosted models on a machine, best first by `rankingRules`. Cloud models are left out. */
export function rankPlans(found: readonly PageModel[], question: RankingQuestion): JudgedPlan[] {
  const { catalog, chosen, machine, features, needs } = question;
  const wanted = features.length > 0 ? features : modelFeature.options;
  const judged = found
    .filter(({ model }) => model.hosting === 'self-hosted')
    .flatMap((one) => {
      const score = wanted.reduce((sum, feature) => sum + points[levelOf(catalog, one.row, feature)], 0);
      // A page without columns gives no points.
      const isWordless = modelFeature.options.every((feature) => one.row[feature] === null);
      const about = modelSupport(catalog, chosen, one, isWordless ? 1 : score);
      return plansOf(sizeOf(one.model), machine, needs).map((plan) => {
        return { ...one, plan, score, modelSupport: about, support: planSupport(about, plan, chosen) };
      });
    });
  return sortPlans(judged);
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
