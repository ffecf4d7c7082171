import type { DeviceEstimate, EstimateQuestion } from '../contract/estimate.ts';
import { isComplete, type KnownNumbers } from './architecture.ts';
import type { Device } from './device.ts';
import { type KvType, kvCacheBytes } from './kv-cache.ts';
import type { Weights } from './model-size.ts';
import { scratchOf } from './scratch.ts';
import type { Layout } from './share-out.ts';

/* vLLM's default for `--gpu-memory-utilization`: 0.90 (0.92 in newer versions). */
const vllmUtilization = 0.9;

/** Returns how much of a model each device holds, and how much of the device may be used. */
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
    const stateBytes = Math.ceil(((shape.stateBytes ?? 0) * sequences * share.layers) / layout.tensorParallel);
    const weightsBytes = weights ? Math.ceil(weights.bytes * share.weights) : null;
    const kvBytes = kvOfGroup === null ? null : Math.ceil(kvOfGroup * share.layers);
    const isWhole = weightsBytes !== null && kvBytes !== null;
    return {
      ...one,
      weightsBytes,
      kvCacheBytes: kvBytes,
      computeBytes: scratch.computeBytes + stateBytes,
      overheadBytes: scratch.overheadBytes,
      totalBytes: isWhole ? weightsBytes + kvBytes + scratch.computeBytes + stateBytes + scratch.overheadBytes : null,
      usableBytes: usableOf(one, question, devices),
    };
  });
}

/* The minimum in a site file; a GPU with less free memory counts as used by others. */
const leastUtilization = 0.05;

/** Returns the share of memory that is free on every GPU, at most `most`; undefined if it is close to nothing. */
export function freeUtilization(devices: readonly Device[], most: number): number | undefined {
  const free = Math.min(1, ...devices.map((one) => (one.freeBytes ?? one.capacityBytes) / one.capacityBytes));
  const part = Math.min(most, Math.floor(free * 100) / 100);
  return part < leastUtilization ? undefined : part;
}

/** Returns vLLM's memory utilization: the requested one, or otherwise the share that is free on every GPU, at most the default. */
export function utilizationFor(
  { gpuMemoryUtilization }: EstimateQuestion,
  devices: readonly Device[],
): number | undefined {
  return gpuMemoryUtilization ?? freeUtilization(devices, vllmUtilization);
}

/* vLLM does not start if it is set to take more than is free, so nothing is usable then. */
function usableOf(one: Device, question: EstimateQuestion, devices: readonly Device[]): number {
  const free = one.freeBytes ?? one.capacityBytes;
  if (question.engine !== 'vllm') return free;
  const wanted = Math.floor(one.capacityBytes * (utilizationFor(question, devices) ?? 0));
  return wanted > free ? 0 : wanted;
}
