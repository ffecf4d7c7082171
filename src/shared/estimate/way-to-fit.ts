import { bytesText } from '../bytes-text.ts';
import type { Change, EstimateQuestion, MemoryEstimate } from '../contract/estimate.ts';
import { chooseParallel } from './choose-parallel.ts';
import type { Device } from './device.ts';
import { freeUtilization } from './device-parts.ts';
import { bareEstimate, doesFit, estimateMemory } from './estimate-memory.ts';
import { kvTypes } from './kv-cache.ts';
import type { ModelSize } from './model-size.ts';
import { bytesPerParameter, canRead, quantizations } from './quantization.ts';

/* A smaller context is useless for code. */
const leastContext = 4096;
const counts = [2, 4, 8, 16];

/** Estimates memory and adds the least harmful single change that makes the model fit; none if it fits or nothing helps. */
export function estimateWithWay(
  size: ModelSize,
  question: EstimateQuestion,
  devices: readonly Device[],
): MemoryEstimate {
  const estimate = estimateMemory(size, question, devices);
  if (estimate.verdict !== 'does-not-fit' || estimate.missing.length > 0) return estimate;
  return {
    ...estimate,
    change: changes(estimate, size, question, devices).find((one) => helps(one, size, question, devices)) ?? null,
  };
}

function helps({ set }: Change, size: ModelSize, question: EstimateQuestion, devices: readonly Device[]): boolean {
  const { deviceCount, ...rest } = set;
  const places = deviceCount === undefined ? devices : times(devices[0], deviceCount);
  const asked = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return doesFit(bareEstimate(size, { ...question, ...asked }, places));
}

function changes(
  estimate: MemoryEstimate,
  size: ModelSize,
  question: EstimateQuestion,
  devices: readonly Device[],
): Change[] {
  return [
    ...utilizationChange(question, devices),
    ...limitChanges(estimate, question),
    ...kvChange(estimate),
    ...quantizationChanges(estimate, devices),
    ...deviceChanges(size, question, devices),
  ];
}

function utilizationChange({ engine, gpuMemoryUtilization }: EstimateQuestion, devices: readonly Device[]): Change[] {
  if (engine !== 'vllm') return [];
  const best = freeUtilization(devices, 0.95);
  if (best === undefined || best === gpuMemoryUtilization) return [];
  return [{ text: `Start vLLM with --gpu-memory-utilization ${best}.`, set: { gpuMemoryUtilization: best } }];
}

function limitChanges({ maxConcurrency, maxContext }: MemoryEstimate, question: EstimateQuestion): Change[] {
  const found: Change[] = [];
  if (maxConcurrency !== null && maxConcurrency >= 1 && maxConcurrency < question.concurrency) {
    const text = `Use ${maxConcurrency} instead of ${question.concurrency} concurrent requests.`;
    found.push({ text, set: { concurrency: maxConcurrency } });
  }
  if (maxContext !== null && maxContext >= leastContext && maxContext < question.contextTokens) {
    const text = `Use a context of ${maxContext} instead of ${question.contextTokens} tokens.`;
    found.push({ text, set: { contextTokens: maxContext } });
  }
  return found;
}

function kvChange({ engine, kvType }: MemoryEstimate): Change[] {
  const small = engine === 'vllm' ? 'fp8' : 'q8_0';
  if (kvType === small || !kvTypes[engine].includes(small)) return [];
  return [{ text: `Store keys and values as ${small}.`, set: { kvType: small } }];
}

function quantizationChanges({ engine, quantization }: MemoryEstimate, devices: readonly Device[]): Change[] {
  const own = bytesPerParameter[quantization as keyof typeof bytesPerParameter];
  // Switching between 4-bit formats saves almost nothing.
  if (engine === 'vllm' && own < bytesPerParameter.int8) return [];
  const smaller = engine === 'vllm' ? (['fp8', 'awq', 'gptq'] as const) : (['q8_0', 'q5_k_m', 'q4_k_m'] as const);
  return smaller
    .filter((one) => quantizations[engine].includes(one) && bytesPerParameter[one] < own)
    .filter((one) => engine !== 'vllm' || devices.every((device) => canRead(one, device)))
    .map((one) => ({ text: `Use its weights as ${one}.`, set: { quantization: one } }));
}

function deviceChanges(size: ModelSize, question: EstimateQuestion, devices: readonly Device[]): Change[] {
  const first = devices[0];
  if (first?.kind !== 'gpu') return [];
  const text = (count: number) => `Use ${count} GPUs of ${bytesText(first.capacityBytes)}`;
  return counts
    .filter((count) => count > devices.length)
    .map((deviceCount) => {
      if (question.engine !== 'vllm') return { text: `${text(deviceCount)}.`, set: { deviceCount } };
      const { tensorParallel, devices: taken } = chooseParallel(size, question, times(first, deviceCount));
      return {
        text: `${text(taken.length)}, tensor parallel ${tensorParallel}.`,
        set: { deviceCount: taken.length, tensorParallel },
      };
    });
}

function times(one: Device | undefined, count: number): Device[] {
  return one ? Array.from({ length: count }, () => one) : [];
}
