import type { Fit } from '../../../shared/contract/models.ts';
import type { HardwareCatalog } from '../hardware/hardware-catalog.ts';

/** Returns GitLab's minimum hardware for a model of the catalog, or null when GitLab's page has no row for it. */
export function gitlabMinimumOf(modelId: string, { gpu }: HardwareCatalog): Fit['gitlabMinimum'] {
  const row = gpu.find((one) => one.modelIds.includes(modelId));
  return row ? { gpus: row.gpus, vramBytes: row.minimumVramBytes, source: row.source } : null;
}
