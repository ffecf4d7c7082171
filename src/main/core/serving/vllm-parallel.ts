import { join } from 'node:path';
import type { VllmParallel } from '../../../shared/contract/model-serving.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { chooseParallel, parallelRule } from '../../../shared/estimate/choose-parallel.ts';
import { bestFirst, type Device } from '../../../shared/estimate/device.ts';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';
import { type FoundGpus, vllmGpus } from '../../../shared/estimate/vllm-gpus.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { readConfigSize } from '../estimate/config-size.ts';

/** The model that vLLM serves, as its `config.json` and its files tell; undefined where there is no readable configuration. */
export async function servedSize(weights: { path: string; sizeBytes: number }): Promise<ModelSize | undefined> {
  try {
    const { vision: _inFiles, ...size } = await readConfigSize(join(weights.path, 'config.json'));
    const quantization = size.weights?.quantization ?? 'bf16';
    return { ...size, weights: { bytes: weights.sizeBytes, quantization, origin: 'exact' }, isDerived: false };
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/**
 * The parallelism of a site's vLLM: as the site file says, else by `parallelRule` from the model and the GPUs. All memory of a GPU
 * counts, not what is free: the server that runs already, which a second deployment keeps, holds most of it.
 */
export function vllmParallelFor(
  { model }: Pick<SiteFile, 'model'>,
  size: ModelSize | undefined,
  gpus: FoundGpus,
  isRocmImage: boolean,
): VllmParallel {
  const { tensorParallel, pipelineParallel } = model.vllm ?? {};
  const found = vllmGpus(gpus, isRocmImage);
  const rule = byRule(model, size, found.devices);
  if (tensorParallel === undefined && pipelineParallel === undefined) {
    return { ...rule, why: [...rule.why, ...found.notes] };
  }
  const differs =
    rule.chosenBy === 'rule' && rule.tensorParallel !== (tensorParallel ?? 1)
      ? [`By its rule Sealift would take tensor parallel ${rule.tensorParallel}: ${rule.why[0]}`]
      : [];
  return {
    tensorParallel: tensorParallel ?? 1,
    pipelineParallel: pipelineParallel ?? 1,
    chosenBy: 'site-file',
    why: ['As the site file says.', ...differs, ...found.notes],
  };
}

function byRule(model: SiteFile['model'], size: ModelSize | undefined, devices: readonly Device[]): VllmParallel {
  const single = { tensorParallel: 1, pipelineParallel: 1, chosenBy: 'not-known' as const };
  const named = 'vllm.tensorParallel in site.yaml names another number.';
  if (devices.length === 0)
    return { ...single, why: [`One GPU is taken: how much memory the GPUs have is not known. ${named}`] };
  if (!size?.architecture.heads)
    return {
      ...single,
      why: [`One GPU is taken: the model has no config.json that tells its attention heads. ${named}`],
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

/** The GPUs with all their memory, the largest first. */
export function wholeGpus(devices: readonly Device[]): Device[] {
  return bestFirst(devices.map(({ freeBytes: _free, ...one }) => one));
}
