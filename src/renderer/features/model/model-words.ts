import type { Fit, ModelFeature, RankedPlan } from '../../../shared/contract/models.ts';
import { doesFit } from '../../../shared/estimate/estimate-memory.ts';
import { modelText as text } from '../../text/model.ts';
import type { Listed, Model } from './model-store.ts';

const labels: Record<ModelFeature, string> = {
  codeCompletion: text.features.CODE_COMPLETIONS,
  codeGeneration: text.features.CODE_GENERATIONS,
  chat: text.features.DUO_CHAT,
  agentPlatform: text.features.DUO_AGENT_PLATFORM,
};

/** Whether there is room for it. */
export function isFitting({ fit }: Model): boolean {
  return fit !== undefined && doesFit(fit);
}

const statusOf = { fits: 'done', 'fits-tight': 'look', 'not-known': 'look', 'does-not-fit': 'blocked' } as const;

/** The mark of a verdict; what fits but is slow wants a look. */
export function verdictStatus({ verdict, isSlow }: Pick<Fit, 'verdict' | 'isSlow'>): 'done' | 'look' | 'blocked' {
  return isSlow && verdict === 'fits' ? 'look' : statusOf[verdict];
}

/** GitLab's words for what is wanted; for all when nothing in particular is. */
export function supportText(model: Model, wanted: readonly ModelFeature[]): string {
  const asked = wanted.length > 0 ? wanted : (Object.keys(labels) as ModelFeature[]);
  return asked.map((one) => `${labels[one]}: ${model.features[one] ?? text.noWord}`).join(' · ');
}

/** Why a model is left out that cannot do what is wanted. */
export function cannotText(model: Model, wanted: readonly ModelFeature[]): string {
  return text.cannot(supportText(model, wanted));
}

/** Engine, quantisation and place of a plan. */
export function planText(fit: Fit): string {
  const where = fit.where === 'gpu' ? text.onGpus(fit.gpus) : text.inMemory;
  return [text.engines[fit.engine], fit.quantization, where].join(' · ');
}

/** What GitLab asks for a model; where nobody looked that is not known, which is no missing row. */
export function minimumText({ fit }: Model): string {
  if (!fit) return text.compare.unknown;
  return fit.gitlabMinimum?.gpus ?? text.compare.noMinimum;
}

/** The name of a feature. */
export function featureLabel(feature: ModelFeature): string {
  return labels[feature];
}

/** The best plan of a model. */
export function planOf(ranked: Listed | undefined, modelId: string): RankedPlan | undefined {
  return ranked?.plans?.find((one) => one.modelId === modelId);
}
