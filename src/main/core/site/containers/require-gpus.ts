import { appError } from '../../../../shared/errors/app-error.ts';
import type { FoundGpus } from '../../../../shared/estimate/vllm-gpus.ts';
import type { ModelSite } from '../../../../shared/model-sites.ts';
import type { GpuAccess } from '../../engine/container-spec.ts';

/**
 * Throws `site.gpus-short` when a model gets a GPU that the machine is known not to have. GPUs that were not queried, that no tool reports, or
 * that MIG splits prove nothing. `split` says what each model of the site gets.
 */
export function requireGpus(
  { model: { servedName } }: Pick<ModelSite, 'model'>,
  numbers: readonly number[],
  { gpus, kind, split }: { gpus: FoundGpus | undefined; kind: GpuAccess['kind']; split: string[] },
): void {
  const vendor = kind === 'amd-devices' ? 'amd' : 'nvidia';
  const own = (gpus?.gpus ?? []).filter((one) => one.vendor === vendor);
  const isSplit = own.some((one) => one.migProfile !== null || one.isMigEnabled === true);
  if (own.length === 0 || isSplit || numbers.every((one) => one < own.length)) return;
  throw appError('site.gpus-short', { model: servedName, asked: [...numbers], count: own.length, split });
}
