import type { DeviceEstimate, EstimateQuestion } from '../contract/estimate.ts';
import { isComplete, type KnownNumbers } from './architecture.ts';
import type { Device } from './device.ts';
import { type KvType, kvCacheBytes } from './kv-cache.ts';
import type { Weights } from './model-size.ts';
import { scratchOf } from './scratch.ts';
import type { Layout } from './share-out.ts';

/* `--gpu-memory-utilization` of vLLM when nobody sets it: 0.90 (0.92 in newer versions). */
const vllmUtilization = 0.9;

/** What each device takes of a model, and how much of it may be used. */
export function deviceParts(of: {
  question: EstimateQuestion;
  kvType: KvType;
  shape: KnownNumbers;
  weights: Weights | undefined;
  layout: Layout;
  devices: readonly Device[];
}): DeviceEstimate[] {
  const { question, kvType, shape, weights, layout, devices } = of;
  const { engine, contextTokens, concurrency: sequences } = question;
  const need = { engine, kvType, contextTokens, sequences, tensorParallel: layout.tensorParallel };
  const kvOfGroup = isComplete(shape) ? kvCacheBytes(shape, need) : null;
  return devices.map((one, at) => {
    const share = layout.shares[at] ?? { weights: 0, layers: 0 };
    const scratch = scratchOf(engine, one.kind, contextTokens, shape);
    const weightsBytes = weights ? Math.ceil(weights.bytes * share.weights) : null;
    const kvBytes = kvOfGroup === null ? null : Math.ceil(kvOfGroup * share.layers);
    const isWhole = weightsBytes !== null && kvBytes !== null;
    return {
      ...one,
      weightsBytes,
      kvCacheBytes: kvBytes,
      ...scratch,
      totalBytes: isWhole ? weightsBytes + kvBytes + scratch.computeBytes + scratch.overheadBytes : null,
      usableBytes: usableOf(one, question, devices),
    };
  });
}

/* The least that a site file takes: below it a GPU counts as taken by others. */
const leastUtilization = 0.05;

/** The part of each GPU that is free everywhere, at most `most`; undefined where that is next to nothing. */
export function freeUtilization(devices: readonly Device[], most: number): number | undefined {
  const free = Math.min(1, ...devices.map((one) => (one.freeBytes ?? one.capacityBytes) / one.capacityBytes));
  const part = Math.min(most, Math.floor(free * 100) / 100);
  return part < leastUtilization ? undefined : part;
}

/** What vLLM is told: what was asked for, else what is free everywhere, at most the default; undefined where that is next to nothing. */
export function utilizationFor(
  { gpuMemoryUtilization }: EstimateQuestion,
  devices: readonly Device[],
): number | undefined {
  return gpuMemoryUtilization ?? freeUtilization(devices, vllmUtilization);
}

/* vLLM does not start when it is told to take more than is free: nothing is usable then. */
function usableOf(one: Device, question: EstimateQuestion, devices: readonly Device[]): number {
  const free = one.freeBytes ?? one.capacityBytes;
  if (question.engine !== 'vllm') return free;
  const wanted = Math.floor(one.capacityBytes * (utilizationFor(question, devices) ?? 0));
  return wanted > free ? 0 : wanted;
}
