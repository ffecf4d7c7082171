import { bytesText } from '../bytes-text.ts';
import type { Change, EstimateQuestion, MemoryEstimate } from '../contract/estimate.ts';
import type { Device } from './device.ts';
import { bareEstimate, doesFit, estimateMemory } from './estimate-memory.ts';
import { kvTypes } from './kv-cache.ts';
import type { ModelSize } from './model-size.ts';
import { bytesPerParameter, quantizations } from './quantization.ts';

/* Below this nobody can work with code. */
const leastContext = 4096;
const counts = [2, 4, 8, 16];

/** The estimate with the first single change that makes it fit, the least harmful first; none when it fits or nothing helps. */
export function estimateWithWay(
  size: ModelSize,
  question: EstimateQuestion,
  devices: readonly Device[],
): MemoryEstimate {
  const estimate = estimateMemory(size, question, devices);
  if (estimate.verdict !== 'does-not-fit' || estimate.missing.length > 0) return estimate;
  return {
    ...estimate,
    change: changes(estimate, question, devices).find((one) => helps(one, size, question, devices)) ?? null,
  };
}

function helps({ set }: Change, size: ModelSize, question: EstimateQuestion, devices: readonly Device[]): boolean {
  const { deviceCount, ...rest } = set;
  const first = devices[0];
  const places = deviceCount === undefined || !first ? devices : Array.from({ length: deviceCount }, () => first);
  const asked = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return doesFit(bareEstimate(size, { ...question, ...asked }, places));
}

function changes(estimate: MemoryEstimate, question: EstimateQuestion, devices: readonly Device[]): Change[] {
  return [
    ...utilizationChange(question, devices),
    ...limitChanges(estimate, question),
    ...kvChange(estimate),
    ...quantizationChanges(estimate),
    ...deviceChanges(devices),
  ];
}

function utilizationChange({ engine, gpuMemoryUtilization }: EstimateQuestion, devices: readonly Device[]): Change[] {
  if (engine !== 'vllm') return [];
  const free = Math.min(...devices.map((one) => (one.freeBytes ?? one.capacityBytes) / one.capacityBytes));
  const best = Math.min(0.95, Math.floor(free * 100) / 100);
  if (best === gpuMemoryUtilization || best < 0.05) return [];
  return [{ text: `Start vLLM with --gpu-memory-utilization ${best}.`, set: { gpuMemoryUtilization: best } }];
}

function limitChanges({ maxConcurrency, maxContext }: MemoryEstimate, question: EstimateQuestion): Change[] {
  const found: Change[] = [];
  if (maxConcurrency !== null && maxConcurrency >= 1 && maxConcurrency < question.concurrency) {
    const text = `Answer ${maxConcurrency} instead of ${question.concurrency} requests at a time.`;
    found.push({ text, set: { concurrency: maxConcurrency } });
  }
  if (maxContext !== null && maxContext >= leastContext && maxContext < question.contextTokens) {
    const text = `Take a context of ${maxContext} instead of ${question.contextTokens} tokens.`;
    found.push({ text, set: { contextTokens: maxContext } });
  }
  return found;
}

function kvChange({ engine, kvType }: MemoryEstimate): Change[] {
  const small = engine === 'vllm' ? 'fp8' : 'q8_0';
  if (kvType === small || !kvTypes[engine].includes(small)) return [];
  return [{ text: `Keep keys and values as ${small}.`, set: { kvType: small } }];
}

function quantizationChanges({ engine, quantization }: MemoryEstimate): Change[] {
  const own = bytesPerParameter[quantization as keyof typeof bytesPerParameter];
  // From one 4-bit format to another saves next to nothing.
  if (engine === 'vllm' && own < bytesPerParameter.int8) return [];
  const smaller = engine === 'vllm' ? (['fp8', 'awq'] as const) : (['q8_0', 'q5_k_m', 'q4_k_m'] as const);
  return smaller
    .filter((one) => quantizations[engine].includes(one) && bytesPerParameter[one] < own)
    .map((one) => ({ text: `Take its weights as ${one}.`, set: { quantization: one } }));
}

function deviceChanges(devices: readonly Device[]): Change[] {
  const first = devices[0];
  if (first?.kind !== 'gpu') return [];
  return counts
    .filter((count) => count > devices.length)
    .map((count) => ({
      text: `Use ${count} GPUs of ${bytesText(first.capacityBytes)}.`,
      set: { deviceCount: count },
    }));
}
