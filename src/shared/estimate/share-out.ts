import type { Device } from './device.ts';
import type { Engine } from './quantization.ts';

/** How devices share a model. */
export interface Layout {
  tensorParallel: number;
  pipelineParallel: number;
  /** For each device: its share of the weights, and of the layers whose keys and values it keeps. */
  shares: { weights: number; layers: number }[];
}

/**
 * Splits a model over devices. vLLM: groups of `tensorParallel` GPUs split each layer evenly, and each group holds some of the layers
 * (pipeline parallel). llama.cpp: each device takes layers in proportion to its free memory.
 */
export function shareOut(
  engine: Engine,
  devices: readonly Device[],
  shape: { layers?: number | undefined },
  tensorParallel: number,
): Layout {
  if (engine === 'llamacpp') return byFreeMemory(devices, shape.layers);
  const pipelineParallel = Math.max(1, Math.floor(devices.length / tensorParallel));
  const stages = split(
    shape.layers ?? pipelineParallel,
    Array.from({ length: pipelineParallel }, () => 1),
  );
  const total = stages.reduce((sum, one) => sum + one, 0);
  const shares = devices.map((_device, at) => {
    const layers = (stages[Math.floor(at / tensorParallel)] ?? 0) / total;
    return { weights: layers / tensorParallel, layers };
  });
  return { tensorParallel, pipelineParallel, shares };
}

function byFreeMemory(devices: readonly Device[], layers: number | undefined): Layout {
  const free = devices.map((one) => one.freeBytes ?? one.capacityBytes);
  const total = free.reduce((sum, one) => sum + one, 0);
  const even = total > 0 ? free : free.map(() => 1);
  const parts = layers === undefined ? even : split(layers, even);
  const sum = parts.reduce((one, other) => one + other, 0);
  const shares = parts.map((part) => ({ weights: part / sum, layers: part / sum }));
  return { tensorParallel: 1, pipelineParallel: devices.length, shares };
}

/** Splits whole layers in proportion; leftover layers go to the largest remainders, earlier ones first. */
function split(layers: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, one) => sum + one, 0);
  const exact = weights.map((one) => (layers * one) / total);
  const whole = exact.map(Math.floor);
  const left = layers - whole.reduce((sum, one) => sum + one, 0);
  const byRest = exact
    .map((one, at) => ({ at, rest: one - Math.floor(one) }))
    .sort((a, b) => b.rest - a.rest || a.at - b.at);
  for (const { at } of byRest.slice(0, left)) whole[at] = (whole[at] ?? 0) + 1;
  return whole;
}
