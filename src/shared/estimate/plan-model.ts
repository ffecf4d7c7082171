import type { EstimateQuestion, MemoryEstimate } from '../contract/estimate.ts';
import { isCountable } from '../countable-gpu.ts';
import { gpuName } from '../gpu-name.ts';
import type { Machine } from '../machine.ts';
import type { Device } from './device.ts';
import { doesFit } from './estimate-memory.ts';
import type { ModelSize } from './model-size.ts';
import { estimateWithWay } from './way-to-fit.ts';

/** A way to serve a model on a machine: the engine, where, and what it needs there. */
export interface ModelPlan {
  question: EstimateQuestion;
  devices: Device[];
  estimate: MemoryEstimate;
  /** True when it would run, but with a wait for each word that people do not accept. */
  isSlow: boolean;
}

/** What people want of it. The context is cut to what the model was trained for. */
export interface Wanted {
  contextTokens: number;
  concurrency: number;
}

/** What the AI Gateway takes as the limit of a model's input unless the family says otherwise; one request at a time. */
export const usualNeeds: Wanted = { contextTokens: 32_768, concurrency: 1 };

/* Without a GPU each token reads all weights once, at some tens of GB a second: above this, less than about 4 words a second. */
const slowBytes = 10 * 2 ** 30;
/* Tensor parallelism splits heads evenly: these are the counts that divide the heads of all models of the catalogue. */
const gpuCounts = [8, 4, 2, 1];

/** How a model would run on a machine now: on its GPUs with vLLM, else in its memory with the embedded engine. */
export function planModel(size: ModelSize, machine: Machine, wanted: Wanted = usualNeeds): ModelPlan {
  const contextTokens = Math.min(wanted.contextTokens, size.architecture.contextTokens ?? wanted.contextTokens);
  const asked = { contextTokens, concurrency: wanted.concurrency };
  const gpus = gpusOf(machine);
  const onGpu = gpus.length > 0 ? planOn(size, { ...asked, engine: 'vllm' }, gpus) : undefined;
  if (onGpu && onGpu.estimate.verdict !== 'does-not-fit') return onGpu;
  const inMemory = planOn(size, { ...asked, engine: 'llamacpp' }, memoryOf(machine));
  return onGpu && !doesFit(inMemory.estimate) ? onGpu : inMemory;
}

/** The GPUs that one model server would share: a number that divides heads, those with the most free. */
export function gpusOf(machine: Machine): Device[] {
  const usable = machine.gpus.flatMap((gpu, index) => {
    if (!isCountable(gpu)) return [];
    const { vramTotalBytes: capacityBytes, vramFreeBytes: freeBytes } = gpu;
    const name = gpu.name ? `GPU ${index}, ${gpuName(gpu)}` : `GPU ${index}`;
    return [{ name, kind: 'gpu' as const, capacityBytes, freeBytes, isInstance: gpu.migProfile !== null }];
  });
  const whole = usable.filter(({ isInstance }) => !isInstance);
  // Instances of a split GPU cannot be joined, and a program sees only the first.
  const choice = whole.length > 0 ? whole : usable.slice(0, 1);
  const count = gpuCounts.find((one) => one <= choice.length) ?? 0;
  return choice
    .sort((a, b) => b.freeBytes - a.freeBytes)
    .slice(0, count)
    .map(({ isInstance: _, ...device }) => device);
}

/** The memory of a machine as a device; none when how much is available is not known. */
export function memoryOf(machine: Machine): Device[] {
  const { totalBytes, limitBytes, availableBytes } = machine.memory;
  if (availableBytes === null) return [];
  return [{ name: 'memory', kind: 'memory', capacityBytes: limitBytes ?? totalBytes, freeBytes: availableBytes }];
}

function planOn(size: ModelSize, question: EstimateQuestion, devices: Device[]): ModelPlan {
  const estimate = estimateWithWay(size, question, devices);
  const isSlow = question.engine === 'llamacpp' && (estimate.weightsBytes ?? 0) > slowBytes;
  return { question, devices, estimate, isSlow };
}
