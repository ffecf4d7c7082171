import type { Fit } from '../../../shared/contract/models.ts';
import type { HardwareCatalog } from '../hardware/hardware-catalog.ts';
import { isWithin, parseGitlabVersion } from './gitlab-version.ts';

/**
 * Returns GitLab's minimum hardware for a model of the catalog, as the page of a version prints it (default: the newest). Null when that page
 * has no row for it.
 */
export function gitlabMinimumOf(
  modelId: string,
  { gpu }: HardwareCatalog,
  version?: string | null,
): Fit['gitlabMinimum'] {
  const isOf = ({ from, to }: (typeof gpu)[number]) =>
    version ? isWithin(parseGitlabVersion(version), { from, to }) : to === undefined;
  const row = gpu.find((one) => one.modelIds.includes(modelId) && isOf(one));
  return row ? { gpus: row.gpus, vramBytes: row.minimumVramBytes, source: row.source } : null;
}
