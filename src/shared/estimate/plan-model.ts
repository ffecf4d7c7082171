import type { EstimateQuestion, MemoryEstimate } from '../contract/estimate.ts';
import type { Machine } from '../machine.ts';
import { chooseParallel } from './choose-parallel.ts';
import type { Device } from './device.ts';
import type { ModelSize } from './model-size.ts';
import { canRead, type Quantization } from './quantization.ts';
import { type VllmGpus, vllmGpus } from './vllm-gpus.ts';
import { estimateWithWay } from './way-to-fit.ts';

/** A way to serve a model on a machine: the engine, the devices and the memory it needs. */
export interface ModelPlan {
  question: EstimateQuestion;
  devices: Device[];
  estimate: MemoryEstimate;
  /** True if it would run, but too slowly for people to accept. */
  isSlow: boolean;
  /** True if the weights are in a format other than the publisher's. */
  isConverted: boolean;
  /** Why it is spread this way, and which GPUs are left unused. */
  why: string[];
}

/** The requirements. The context is limited to what the model was trained for. */
export interface Wanted {
  contextTokens: number;
  concurrency: number;
  /** Whether a vLLM image for ROCm exists; only then are AMD GPUs used. */
  hasRocmImage?: boolean | undefined;
}

/** The AI Gateway's default limit for a model's input unless its family sets another; one concurrent request. */
export const usualNeeds: Wanted = { contextTokens: 32_768, concurrency: 1 };

/* Without a GPU each token reads all weights once, at some tens of GB per second; above this size it is slower than about 4 words per second. */
const slowBytes = 10 * 2 ** 30;

/**
 * Returns the ways to serve a model on a machine now, the most common first: with vLLM on its GPUs as published, the same in FP8 if it is
 * published in 16 bits, and with the embedded engine in main memory.
 */
export function plansOf(size: ModelSize, machine: Machine, wanted: Wanted = usualNeeds): ModelPlan[] {
  const contextTokens = Math.min(wanted.contextTokens, size.architecture.contextTokens ?? wanted.contextTokens);
  const asked = { contextTokens, concurrency: wanted.concurrency };
  const gpus = vllmGpus({ gpus: machine.gpus, links: machine.gpuLinks }, wanted.hasRocmImage);
  const fp8 =
    gpus.vendor === 'nvidia' && is16Bit(size)
      ? [vllmPlan(size, asked, gpus, 'fp8')].filter((one) => one.devices.every((gpu) => canRead('fp8', gpu)))
      : [];
  const inMemory = planOn(size, { ...asked, engine: 'llamacpp' }, memoryOf(machine));
  return [...(gpus.devices.length > 0 ? [vllmPlan(size, asked, gpus)] : []), ...fp8, { ...inMemory, why: gpus.notes }];
}

/** Returns the plan to serve a model in the main memory of a machine from a GGUF file of this quantisation. */
export function ggufPlan(
  size: ModelSize,
  machine: Machine,
  quantization: Quantization,
  wanted: Wanted = usualNeeds,
): ModelPlan {
  const contextTokens = Math.min(wanted.contextTokens, size.architecture.contextTokens ?? wanted.contextTokens);
  const { concurrency } = wanted;
  return planOn(size, { contextTokens, concurrency, engine: 'llamacpp', quantization }, memoryOf(machine));
}

/** Returns the main memory of a machine as a device; empty if the available amount is unknown. */
export function memoryOf(machine: Machine): Device[] {
  const { totalBytes, limitBytes, availableBytes } = machine.memory;
  if (availableBytes === null) return [];
  return [{ name: 'memory', kind: 'memory', capacityBytes: limitBytes ?? totalBytes, freeBytes: availableBytes }];
}

type Asked = Pick<EstimateQuestion, 'contextTokens' | 'concurrency'>;

function vllmPlan(size: ModelSize, asked: Asked, { devices, notes }: VllmGpus, quantization?: Quantization): ModelPlan {
  const question: EstimateQuestion = { ...asked, engine: 'vllm', ...(quantization && { quantization }) };
  const { tensorParallel, devices: taken, why } = chooseParallel(size, question, devices);
  const plan = planOn(size, { ...question, tensorParallel }, taken);
  return { ...plan, isConverted: quantization !== undefined, why: [...why, ...notes] };
}

function is16Bit({ weights }: ModelSize): boolean {
  return weights?.quantization === 'bf16' || weights?.quantization === 'f16';
}

function planOn(size: ModelSize, question: EstimateQuestion, devices: Device[]): ModelPlan {
  const estimate = estimateWithWay(size, question, devices);
  const isSlow = question.engine === 'llamacpp' && (estimate.weightsBytes ?? 0) > slowBytes;
  return {
    question,
    devices,
    estimate,
    isSlow,
    isConverted: estimate.quantization !== size.weights?.quantization,
    why: [],
  };
}
