import type { VllmParallel } from '../../../../shared/contract/model-serving.ts';
import { chooseParallel, parallelRule } from '../../../../shared/estimate/choose-parallel.ts';
import { bestFirst, type Device } from '../../../../shared/estimate/device.ts';
import type { ModelSize } from '../../../../shared/estimate/model-size.ts';
import { type FoundGpus, type VllmGpus, vllmGpus } from '../../../../shared/estimate/vllm-gpus.ts';
import type { ModelSite } from '../../../../shared/model-sites.ts';
import type { SiteModel } from '../../../../shared/site-file.ts';
import { readConfigSize } from '../../weights/config-size.ts';
import { hasModelConfig } from '../../weights/read-model-config.ts';

/**
 * Reads the size of the model that vLLM serves from its configuration and files; undefined without a configuration. Throws as
 * `readConfigSize` for one that cannot be read.
 */
export async function servedSize(
  weights: { path: string; sizeBytes: number },
  resources: string,
): Promise<ModelSize | undefined> {
  if (!(await hasModelConfig(weights.path))) return undefined;
  const {
    vision: _inFiles,
    spread: _ofCounted,
    unread: _ofWeights,
    ...size
  } = await readConfigSize(weights.path, resources);
  const quantization = size.weights?.quantization ?? size.unknownFormat ?? 'bf16';
  return { ...size, weights: { bytes: weights.sizeBytes, quantization, origin: 'exact' } };
}

/** Which of a machine's GPUs a vLLM has: those of its image's vendor, and of these its own `numbers`, if any. */
export interface GpuShare {
  isRocmImage: boolean;
  numbers?: readonly number[] | undefined;
}

/** Returns the GPUs that a vLLM may use, with notes on what is left out. Their numbers are those of their vendor's tool. */
export function ownGpus(found: FoundGpus, { isRocmImage, numbers }: GpuShare): Pick<VllmGpus, 'devices' | 'notes'> {
  const { devices, vendor, notes } = vllmGpus(found, isRocmImage);
  if (!numbers) return { devices, notes };
  const first = found.gpus.findIndex((one) => one.vendor === vendor);
  const own = devices.filter((one) => one.index !== undefined && numbers.includes(one.index - first));
  return { devices: own, notes: [`It has GPU ${numbers.join(', ')} of this machine.`, ...notes] };
}

/**
 * Returns the parallelism of a site's vLLM: from the site file, else by `parallelRule` from the model and the GPUs. It uses a
 * GPU's total memory, not its free memory, most of which a running server holds that a second deployment keeps.
 */
export function vllmParallelFor(
  { model }: Pick<ModelSite, 'model'>,
  size: ModelSize | undefined,
  gpus: FoundGpus,
  { isRocmImage, numbers }: GpuShare,
): VllmParallel {
  const { tensorParallel, pipelineParallel } = model.vllm ?? {};
  const found = ownGpus(gpus, { isRocmImage, numbers });
  const rule = byRule(model, size, found.devices);
  if (tensorParallel === undefined && pipelineParallel === undefined) {
    return { ...rule, why: [...rule.why, ...found.notes] };
  }
  const differs =
    rule.chosenBy === 'rule' && rule.tensorParallel !== (tensorParallel ?? 1)
      ? [`Sealift would choose tensor parallel ${rule.tensorParallel}: ${rule.why[0]}`]
      : [];
  return {
    tensorParallel: tensorParallel ?? 1,
    pipelineParallel: pipelineParallel ?? 1,
    chosenBy: 'site-file',
    why: ['Set in the site file.', ...differs, ...found.notes],
  };
}

function byRule(model: SiteModel, size: ModelSize | undefined, devices: readonly Device[]): VllmParallel {
  const single = { tensorParallel: 1, pipelineParallel: 1, chosenBy: 'not-known' as const };
  const named = 'Set vllm.tensorParallel in site.yaml to change that.';
  if (devices.length === 0) return { ...single, why: [`Uses one GPU: the memory of the GPUs is unknown. ${named}`] };
  if (!size?.architecture.heads)
    return {
      ...single,
      why: [`Uses one GPU: the model has no configuration with its attention heads. ${named}`],
    };
  const longest = size.architecture.contextTokens ?? model.contextTokens;
  const { gpuMemoryUtilization } = model.vllm ?? {};
  const question = {
    engine: 'vllm' as const,
    contextTokens: Math.min(model.contextTokens, longest),
    concurrency: 1,
    ...(gpuMemoryUtilization !== undefined && { gpuMemoryUtilization }),
  };
  const { tensorParallel, pipelineParallel, why } = chooseParallel(size, question, wholeGpus(devices));
  return { tensorParallel, pipelineParallel, chosenBy: 'rule', why: [...why, parallelRule] };
}

/** Returns the GPUs with their total memory, the largest first. */
export function wholeGpus(devices: readonly Device[]): Device[] {
  return bestFirst(devices.map(({ freeBytes: _free, ...one }) => one));
}
