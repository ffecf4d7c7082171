import { modelPart, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { gpusOfParallel } from '../../../shared/vllm-options.ts';
import { hasModelContainer } from './container-rules.ts';

/**
 * Returns the numbers of the GPUs that each model server in containers gets, by the model's part, no GPU twice. It depends on the site file
 * alone, so that a container does not look changed when a GPU cannot be queried. A model without an entry has no GPU, or as a site's only one
 * all of them.
 */
export function splitGpus(site: SiteFile): Map<string, number[]> {
  const models = modelSites(site).filter((one) => hasModelContainer(one) && one.model.gpu !== 'none');
  const taken = new Set(models.flatMap(({ model }) => model.gpus ?? []));
  const split = new Map<string, number[]>();
  for (const one of models) {
    const { gpus, vllm } = one.model;
    if (gpus === undefined && one.part === undefined) continue;
    const own = gpus ?? firstFree(taken, gpusOfParallel(vllm));
    for (const gpu of own) taken.add(gpu);
    split.set(modelPart(one), own);
  }
  return split;
}

function firstFree(taken: ReadonlySet<number>, count: number): number[] {
  const free: number[] = [];
  for (let gpu = 0; free.length < count; gpu += 1) if (!taken.has(gpu)) free.push(gpu);
  return free;
}
