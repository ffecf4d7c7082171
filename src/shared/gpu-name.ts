import type { Gpu } from './machine.ts';

/** What people call a GPU, or an instance of a split one. */
export function gpuName(gpu: Gpu): string {
  const name = gpu.name ?? `${gpu.vendor} GPU`;
  return gpu.migProfile === null ? name : `${name}, instance ${gpu.migProfile}`;
}
