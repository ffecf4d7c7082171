import type { MemoryFigures, VllmParallel } from '../../../../shared/contract/model-serving.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { estimateMemory } from '../../../../shared/estimate/estimate-memory.ts';
import type { ModelSize } from '../../../../shared/estimate/model-size.ts';
import type { FoundGpus } from '../../../../shared/estimate/vllm-gpus.ts';
import type { ModelSite } from '../../../../shared/model-sites.ts';
import { type GpuShare, ownGpus, wholeGpus } from '../../serving/containers/vllm-parallel.ts';
import { readGgufSize } from '../../weights/gguf-size.ts';

const anyMemory = { name: 'memory', kind: 'memory' as const, capacityBytes: 2 ** 44 };

/** Estimates the memory of the embedded engine for a GGUF and so many requests at once; null when a number of the model is unknown. */
export async function estimateLlamacpp(
  path: string,
  contextTokens: number,
  slots: number,
): Promise<MemoryFigures | null> {
  const size = await readGgufSize(path).catch(nullWhenRefused);
  if (!size) return null;
  const longest = size.architecture.contextTokens ?? contextTokens;
  const question = {
    engine: 'llamacpp' as const,
    contextTokens: Math.min(contextTokens, longest),
    concurrency: slots,
  };
  const { weightsBytes, kvCacheBytes, computeBytes, overheadBytes, totalBytes } = estimateMemory(size, question, [
    anyMemory,
  ]);
  if (weightsBytes === null || kvCacheBytes === null || totalBytes === null) return null;
  if (computeBytes === null || overheadBytes === null) return null;
  return { weightsBytes, kvCacheBytes, computeBytes, overheadBytes, totalBytes };
}

/** Estimates vLLM's GPU memory: weights, working memory, and the KV cache that it makes from the rest. */
export function estimateVllm(
  { model }: ModelSite,
  about: GpuShare & { size: ModelSize | undefined; parallel: VllmParallel; gpus: FoundGpus },
): MemoryFigures | null {
  const { tensorParallel, pipelineParallel } = about.parallel;
  const { size } = about;
  const all = wholeGpus(ownGpus(about.gpus, about).devices);
  const devices = all.slice(0, tensorParallel * pipelineParallel);
  if (!size || devices.length < tensorParallel * pipelineParallel) return null;
  const { gpuMemoryUtilization } = model.vllm ?? {};
  const contextTokens = Math.min(model.contextTokens, size.architecture.contextTokens ?? model.contextTokens);
  const question = {
    engine: 'vllm' as const,
    contextTokens,
    concurrency: 1,
    tensorParallel,
    ...(gpuMemoryUtilization !== undefined && { gpuMemoryUtilization }),
  };
  const { weightsBytes, computeBytes, overheadBytes, kvCapacityTokens, ...rest } = estimateMemory(
    size,
    question,
    devices,
  );
  if (weightsBytes === null || kvCapacityTokens === null || computeBytes === null || overheadBytes === null)
    return null;
  const totalBytes = rest.devices.reduce((sum, one) => sum + one.usableBytes, 0);
  return {
    weightsBytes,
    kvCacheBytes: Math.max(0, totalBytes - weightsBytes - computeBytes - overheadBytes),
    computeBytes,
    overheadBytes,
    totalBytes,
    kvCapacityTokens,
    maxConcurrency: Math.round((kvCapacityTokens / contextTokens) * 100) / 100,
  };
}

function nullWhenRefused(error: unknown): null {
  if (error instanceof AppError) return null;
  throw error;
}
