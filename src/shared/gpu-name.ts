import type { Gpu } from './machine.ts';

/** Returns a readable name for a GPU, or for an instance of a split one. */
export function gpuName(gpu: Gpu): string {
  const name = gpu.name ?? `${gpu.vendor} GPU`;
  return gpu.migProfile === null ? name : `${name}, instance ${gpu.migProfile}`;
}
