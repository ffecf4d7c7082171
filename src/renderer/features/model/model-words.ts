import { type Fit, type ModelFeature, modelFeature, type RankedPlan } from '../../../shared/contract/models.ts';
import { doesFit } from '../../../shared/estimate/estimate-memory.ts';
import { modelText as text } from '../../text/model.ts';
import { settingsText } from '../../text/settings.ts';
import type { Listed, Model } from './model-store.ts';

/** Whether the model fits this machine. */
export function isFitting({ fit }: Model): boolean {
  return fit !== undefined && doesFit(fit);
}

const statusOf = { fits: 'done', 'fits-tight': 'look', 'not-known': 'look', 'does-not-fit': 'blocked' } as const;

/** Returns the mark of a verdict. A model that fits but is slow needs attention. */
export function verdictStatus({ verdict, isSlow }: Pick<Fit, 'verdict' | 'isSlow'>): 'done' | 'look' | 'blocked' {
  return isSlow && verdict === 'fits' ? 'look' : statusOf[verdict];
}

/** Returns GitLab's rating of the features needed, or of all features if none is selected. */
export function supportText(model: Model, wanted: readonly ModelFeature[]): string {
  const asked = wanted.length > 0 ? wanted : modelFeature.options;
  return asked.map((one) => `${settingsText.features[one]}: ${model.features[one] ?? text.noWord}`).join(' · ');
}

/** Returns a sign for one of GitLab's ratings: full, partial, limited, another word, or none. */
export function supportGlyph(word: string | null): string {
  if (word === null) return '–';
  if (/^full/i.test(word)) return '●';
  if (/^partial/i.test(word)) return '◐';
  return /^limited/i.test(word) ? '○' : '◌';
}

/** Describes a plan: model server, quantisation, and where it runs. */
export function planText(fit: Fit): string {
  return `${loadText(fit)} · ${placeText(fit)}`;
}

/** Describes what a plan loads: model server and quantisation. */
export function loadText({ engine, quantization }: Fit): string {
  return `${text.engines[engine]} · ${quantization}`;
}

/** Says where a plan runs. */
export function placeText({ where, gpus }: Fit): string {
  return where === 'gpu' ? text.onGpus(gpus) : text.inMemory;
}

/** Returns the most tokens per second that one request can get. */
export function speedText({ topTokensPerSecond }: Pick<Fit, 'topTokensPerSecond'>): string {
  return topTokensPerSecond === null ? text.compare.unknown : text.speed(topTokensPerSecond);
}

/** Returns the licence of a model's weights. */
export function licenceText({ licence }: Pick<Model, 'licence'>): string {
  return licence?.name ?? text.compare.unknown;
}

/** Returns where the licence was read, for a tooltip. */
export function licenceSource({ licence }: Pick<Model, 'licence'>): string | undefined {
  return licence && text.source(licence.source);
}

/** Returns GitLab's minimum for a model. Before this machine is checked it is unknown, which differs from not listed. */
export function minimumText({ fit }: Model): string {
  if (!fit) return text.compare.unknown;
  return fit.gitlabMinimum?.gpus ?? text.compare.noMinimum;
}

/** Returns what puts a model behind the first, in a few words. An older core does not say. */
export function behindText(ranked: Listed | undefined, modelId: string): string | undefined {
  const rule = planOf(ranked, modelId)?.behindBy;
  return rule && text.behind(text.behindBy[rule]);
}

/** Returns the best plan of a model. */
export function planOf(ranked: Listed | undefined, modelId: string): RankedPlan | undefined {
  return ranked?.plans?.find((one) => one.modelId === modelId);
}
