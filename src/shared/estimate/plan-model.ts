import type { EstimateQuestion, MemoryEstimate } from '../contract/estimate.ts';
import type { Machine } from '../machine.ts';
import { chooseParallel } from './choose-parallel.ts';
import type { Device } from './device.ts';
import type { ModelSize } from './model-size.ts';
import { canRead, type Quantization } from './quantization.ts';
import { type VllmGpus, vllmGpus } from './vllm-gpus.ts';
import { estimateWithWay } from './way-to-fit.ts';

/** A way to serve a model on a machine: the engine, where, and what it needs there. */
export interface ModelPlan {
  question: EstimateQuestion;
  devices: Device[];
  estimate: MemoryEstimate;
  /** True when it would run, but with a wait for each word that people do not accept. */
  isSlow: boolean;
  /** True for weights in another form than the publisher's. */
  isConverted: boolean;
  /** Why it is spread so, and which GPUs are left out. */
  why: string[];
}

/** What people want of it. The context is cut to what the model was trained for. */
export interface Wanted {
  contextTokens: number;
  concurrency: number;
  /** There is an image of vLLM for ROCm: AMD's GPUs count then. */
  hasRocmImage?: boolean | undefined;
}

/** What the AI Gateway takes as the limit of a model's input unless the family says otherwise; one request at a time. */
export const usualNeeds: Wanted = { contextTokens: 32_768, concurrency: 1 };

/* Without a GPU each token reads all weights once, at some tens of GB a second: above this, less than about 4 words a second. */
const slowBytes = 10 * 2 ** 30;

/**
 * The ways to serve a model on a machine now, the most usual first: on its GPUs with vLLM as published, there in FP8 where it is
 * published in 16 bits, and in its memory with the embedded engine.
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

/** The memory of a machine as a device; none when how much is available is not known. */
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
