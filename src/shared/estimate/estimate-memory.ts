import type { DeviceEstimate, EstimateQuestion, MemoryEstimate } from '../contract/estimate.ts';
import { isComplete } from './architecture.ts';
import type { Device } from './device.ts';
import { deviceParts, utilizationFor } from './device-parts.ts';
import { kvBytesPerToken, kvTypes } from './kv-cache.ts';
import { largestFitting } from './largest-fitting.ts';
import { loadedWeights, type ModelSize, missingOf, usualQuantization } from './model-size.ts';
import { notesFor } from './notes.ts';
import { scratchSpread } from './scratch.ts';
import { shareOut } from './share-out.ts';
import { intervalOf, verdictOf } from './verdict.ts';

/* The engines' limits on concurrent requests, whatever the memory (LLAMA_MAX_SEQ in llama.cpp; an upper bound for vLLM). */
const mostRequests = { llamacpp: 256, vllm: 4096 } as const;

/** An estimate without its limits and without a change that makes it fit. */
export type BareEstimate = Omit<
  MemoryEstimate,
  'change' | 'kvCapacityTokens' | 'maxContext' | 'maxConcurrency' | 'notes'
>;

/** Estimates memory and the limits of what fits. `estimateWithWay` also finds a change that makes it fit. */
export function estimateMemory(
  size: ModelSize,
  question: EstimateQuestion,
  devices: readonly Device[],
): MemoryEstimate {
  const bare = bareEstimate(size, question, devices);
  const fits = (set: Partial<EstimateQuestion>) => doesFit(bareEstimate(size, { ...question, ...set }, devices));
  const longest = size.architecture.contextTokens;
  const isKnown = bare.totalBytes !== null && longest !== undefined;
  const maxContext = isKnown ? largestFitting(longest, (contextTokens) => fits({ contextTokens })) : null;
  const maxConcurrency = isKnown
    ? largestFitting(mostRequests[question.engine], (concurrency) => fits({ concurrency }))
    : null;
  return {
    ...bare,
    maxContext,
    maxConcurrency,
    kvCapacityTokens: isKnown ? capacityTokens(bare) : null,
    notes: notesFor(size, question, bare),
    change: null,
  };
}

/** Returns how many tokens fit next to weights and scratch; the device with the least room decides. */
function capacityTokens({ devices, contextTokens, concurrency }: BareEstimate): number {
  const tokens = devices.map((one) => {
    const left = one.usableBytes - (one.weightsBytes ?? 0) - one.computeBytes - one.overheadBytes;
    const kv = (one.kvCacheBytes ?? 0) / concurrency;
    return kv > 0 ? (Math.max(0, left) / kv) * contextTokens : Number.POSITIVE_INFINITY;
  });
  const least = Math.min(...tokens);
  return Number.isFinite(least) ? Math.floor(least) : 0;
}

/** Returns whether the model fits according to the estimate. */
export function doesFit(estimate: Pick<MemoryEstimate, 'verdict'>): boolean {
  return estimate.verdict === 'fits' || estimate.verdict === 'fits-tight';
}

/** Estimates the parts on each device, their sum and the verdict. */
export function bareEstimate(size: ModelSize, question: EstimateQuestion, devices: readonly Device[]): BareEstimate {
  const { engine, contextTokens, concurrency } = question;
  const quantization = question.quantization ?? usualQuantization(size, engine);
  const kvType = question.kvType ?? kvTypes[engine][0];
  const layout = shareOut(engine, devices, size.architecture, question.tensorParallel ?? 1);
  const { tensorParallel, pipelineParallel } = layout;
  const weights = loadedWeights(size, quantization, engine);
  const gpuMemoryUtilization = engine === 'vllm' ? utilizationFor(question, devices) : undefined;
  const places = deviceParts({ question, kvType, shape: size.architecture, weights, layout, devices });
  const spread = { weights: weights ?? { low: 1, high: 1 }, scratch: scratchSpread[engine] };
  const missing = missingOf(size, quantization);
  return {
    model: size.name,
    engine,
    quantization,
    kvType,
    contextTokens,
    concurrency,
    tensorParallel,
    pipelineParallel,
    ...(gpuMemoryUtilization !== undefined && { gpuMemoryUtilization }),
    ...sumOf(places),
    ...(weights?.visionBytes !== undefined && { visionBytes: weights.visionBytes }),
    kvCacheBytesPerToken: isComplete(size.architecture)
      ? Math.round(kvBytesPerToken(size.architecture, { kvType, tensorParallel }) * tensorParallel)
      : null,
    devices: places,
    interval: intervalOf(places, spread),
    missing,
    ...verdictOf(places, spread, missing),
  };
}

/** Sums up the devices; null for a part that is unknown on any device, and if there is no device. */
function sumOf(places: readonly DeviceEstimate[]) {
  const sum = (of: (one: DeviceEstimate) => number | null) => {
    const values = places.map(of).filter((one) => one !== null);
    return values.length < Math.max(1, places.length) ? null : values.reduce((all, one) => all + one, 0);
  };
  return {
    weightsBytes: sum((one) => one.weightsBytes),
    kvCacheBytes: sum((one) => one.kvCacheBytes),
    computeBytes: sum((one) => one.computeBytes),
    overheadBytes: sum((one) => one.overheadBytes),
    totalBytes: sum((one) => one.totalBytes),
  };
}
