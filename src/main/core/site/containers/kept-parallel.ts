import { join } from 'node:path';
import type { VllmParallel } from '../../../../shared/contract/model-serving.ts';
import { deployed } from '../../../../shared/contract/site.ts';
import type { ModelSize } from '../../../../shared/estimate/model-size.ts';
import { type FoundGpus, noGpus } from '../../../../shared/estimate/vllm-gpus.ts';
import type { ModelSite } from '../../../../shared/model-sites.ts';
import { vllmParallelFor } from '../../serving/containers/vllm-parallel.ts';
import { readEvidence } from '../../sites/read-evidence.ts';
import type { SitePaths } from '../../sites/site-paths.ts';

/**
 * Returns the parallelism of a site's vLLM. A deployment passes the GPUs and decides; without GPUs the last deployment's decision
 * counts, so that a container does not look changed because a GPU cannot be queried today.
 */
export async function siteParallel(
  site: ModelSite,
  about: {
    size: ModelSize | undefined;
    paths: SitePaths;
    gpus: FoundGpus | undefined;
    isRocmImage: boolean;
    /** The numbers of the GPUs that are its own; undefined for all. */
    numbers: readonly number[] | undefined;
  },
): Promise<VllmParallel> {
  const { size, paths, gpus = noGpus, isRocmImage, numbers } = about;
  const parallel = vllmParallelFor(site, size, gpus, { isRocmImage, numbers });
  if (parallel.chosenBy !== 'not-known') return parallel;
  const kept = await readEvidence(join(paths.evidence, 'deploy.json'), deployed).catch(() => null);
  const ofList = kept?.models?.find((one) => one.part === site.part)?.serving;
  const before = (site.part === undefined ? kept?.serving : ofList)?.parallel;
  return before && before.chosenBy !== 'site-file' ? before : parallel;
}
