import type { MemoryFigures, VllmParallel } from '../../../shared/contract/model-serving.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { estimateMemory } from '../../../shared/estimate/estimate-memory.ts';
import { type FoundGpus, vllmGpus } from '../../../shared/estimate/vllm-gpus.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { readGgufSize } from '../estimate/gguf-size.ts';
import { servedSize, wholeGpus } from '../serving/vllm-parallel.ts';
import type { StoredModel } from './find-model.ts';

/* The embedded engine answers one request at a time for a site. */
const slots = 1;
const anyMemory = { name: 'memory', kind: 'memory' as const, capacityBytes: 2 ** 44 };

/** What the embedded engine will take for a GGUF; null when a number of the model is not known. */
export async function estimateLlamacpp(path: string, contextTokens: number): Promise<MemoryFigures | null> {
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

/** What vLLM will take of the GPUs: its weights and its work, and the pool for keys and values that it makes of the rest. */
export async function estimateVllm(
  { model }: SiteFile,
  about: { weights: StoredModel; parallel: VllmParallel; gpus: FoundGpus; isRocmImage: boolean },
): Promise<MemoryFigures | null> {
  const { tensorParallel, pipelineParallel } = about.parallel;
  const size = await servedSize(about.weights);
  const all = wholeGpus(vllmGpus(about.gpus, about.isRocmImage).devices);
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
