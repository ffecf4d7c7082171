import { type Fit, type ModelFeature, modelFeature } from '../../../shared/contract/models.ts';
import type { Wanted } from '../../../shared/estimate/plan-model.ts';
import type { Machine } from '../../../shared/machine.ts';
import { fitModel } from './fit-model.ts';
import type { HardwareCatalog } from './hardware-catalog.ts';
import { levelOf, type PageModel, sizeOf } from './list-models.ts';
import type { CatalogModel, ModelCatalog } from './model-catalog.ts';

/** A model with its verdict for one machine. */
export interface RankedModel extends PageModel {
  fit: Fit;
  /** False for what GitLab has only on trial (beta, experimental) or that can do none of what is wanted. */
  isSupported: boolean;
  /** Sum over the wanted features: full 3, partial 2, listed 1. */
  score: number;
}

const points = { full: 3, partial: 2, listed: 1, none: 0 } as const;
const verdicts = ['fits', 'fits-tight', 'not-known', 'does-not-fit'] as const;

/**
 * The self-hosted models with verdicts, best first: what fits and answers in time, then by GitLab's support for the wanted
 * features, then by size. Cloud models have no verdict and are left out.
 */
export function rankModels(
  catalog: ModelCatalog,
  hardware: HardwareCatalog,
  found: PageModel[],
  machine: Machine,
  features: readonly ModelFeature[],
  needs?: Wanted,
): RankedModel[] {
  const wanted = features.length > 0 ? features : modelFeature.options;
  const ranked = found
    .filter(({ model }) => model.hosting === 'self-hosted')
    .map((one) => {
      const fit = { ...fitModel(sizeOf(one.model), machine, needs), gitlabMinimum: gitlabMinimum(one.model, hardware) };
      const score = wanted.reduce((sum, feature) => sum + points[levelOf(catalog, one.row, feature)], 0);
      // A page without columns gives no points.
      const isUseful = score > 0 || modelFeature.options.every((feature) => one.row[feature] === null);
      return { ...one, fit, score, isSupported: isUseful && catalog.states[one.row.state] === 'supported' };
    });
  return ranked.sort(
    (a, b) =>
      verdicts.indexOf(a.fit.verdict) - verdicts.indexOf(b.fit.verdict) ||
      Number(a.fit.isSlow) - Number(b.fit.isSlow) ||
      b.score - a.score ||
      (b.model.parameters?.count ?? 0) - (a.model.parameters?.count ?? 0),
  );
}

/**
 * The best supported model that fits, and why it is that one; undefined when none fits. What GitLab has only on trial is recommended
 * when nothing else fits, and said to be so.
 */
export function recommend(ranked: RankedModel[]): { id: string; reason: string } | undefined {
  const fitting = ranked.filter((one) => one.fit.verdict === 'fits' || one.fit.verdict === 'fits-tight');
  const best = fitting.find((one) => one.isSupported) ?? fitting[0];
  if (!best) return undefined;
  if (!best.isSupported) {
    const reason = `No model that GitLab supports fits; ${best.row.name} does, and is "${best.row.state}". ${best.fit.reason}`;
    return { id: best.model.id, reason };
  }
  const rivals = fitting.filter(
    (one) => one.isSupported && one.fit.verdict === best.fit.verdict && one.fit.isSlow === best.fit.isSlow,
  );
  const isTie = rivals.some((one) => one !== best && one.score === best.score);
  const why = isTie ? 'the largest of the best supported models that fit' : 'the best supported model that fits';
  return { id: best.model.id, reason: `${best.row.name} is ${why}. ${best.fit.reason}` };
}

function gitlabMinimum(model: CatalogModel, hardware: HardwareCatalog): Fit['gitlabMinimum'] {
  const row = hardware.gpu.find((one) => one.modelIds.includes(model.id));
  return row ? { gpus: row.gpus, vramBytes: row.minimumVramBytes, source: row.source } : null;
}
