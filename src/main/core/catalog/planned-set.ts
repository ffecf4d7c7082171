import type { ModelFeature, PlannedModel } from '../../../shared/contract/models.ts';
import { featureLabels } from '../../../shared/feature-labels.ts';
import { cheapestAlone, cheapestSet, type SetMember, type SetQuestion } from './cheapest-set.ts';
import { modelsOf } from './list-models.ts';
import { shownPlan } from './rank-plans.ts';

/** Returns the cheapest set as the contract shows it, with the reasons for it; or null with the reasons why there is none. */
export function plannedSet(question: SetQuestion): { models: PlannedModel[] | null; why: string[] } {
  const set = cheapestSet(question);
  if (!set) return { models: null, why: whyNone(question) };
  return { models: set.map(shown), why: whyThis(set, question) };
}

function shown({ features, judged, gpus }: SetMember): PlannedModel {
  const words = features.map((feature) => ({ feature, word: judged.row[feature] }));
  return { ...shownPlan(judged), features: words, gpuIndexes: [...gpus].sort((a, b) => a - b) };
}

function whyThis(set: readonly SetMember[], question: SetQuestion): string[] {
  const { features } = question;
  if (features.length === 1) return [];
  const all = list(features);
  const alone = cheapestAlone(question);
  if (set.length === 1) return [`One model serves ${all}: no set of several is cheaper.`];
  if (alone) {
    const { judged, gpus } = alone;
    return [`One model for ${all} would be ${judged.row.name} ${placeText(gpus.length)}. ${judged.support.text}`];
  }
  return [
    isListedFor(features, question) ? `No single model for ${all} fits.` : `GitLab lists no single model for ${all}.`,
  ];
}

function whyNone(question: SetQuestion): string[] {
  const reasons = question.features.flatMap((feature) => {
    const label = featureLabels[feature];
    if (!isListedFor([feature], question)) return [`GitLab lists no self-hosted model for ${label} for this version.`];
    return cheapestAlone({ ...question, features: [feature] })
      ? []
      : [`${label}: none of the models that GitLab lists for it fits this machine in a way that GitLab accepts.`];
  });
  return reasons.length > 0
    ? reasons
    : ['Each feature has a model that fits alone, but no set of them fits side by side.'];
}

function isListedFor(features: readonly ModelFeature[], { catalog, chosen }: SetQuestion): boolean {
  return modelsOf(catalog, chosen, features, 'self-hosted').length > 0;
}

function placeText(gpus: number): string {
  if (gpus === 0) return 'in main memory';
  return `on ${gpus} GPU${gpus === 1 ? '' : 's'}`;
}

function list(features: readonly ModelFeature[]): string {
  return features.map((one) => featureLabels[one]).join(', ');
}
