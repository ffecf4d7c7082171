import type { Fit } from '../../../shared/contract/models.ts';
import type { HardwareCatalog } from './hardware-catalog.ts';

/** What GitLab's page asks for a model of the catalogue; null where it has no row for it. */
export function gitlabMinimumOf(modelId: string, { gpu }: HardwareCatalog): Fit['gitlabMinimum'] {
  const row = gpu.find((one) => one.modelIds.includes(modelId));
  return row ? { gpus: row.gpus, vramBytes: row.minimumVramBytes, source: row.source } : null;
}
