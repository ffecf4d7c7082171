import type { Gpu } from './machine.ts';

/** True when the memory figures of this GPU may be counted on. */
export function isCountable(gpu: Gpu): gpu is Gpu & { vramTotalBytes: number; vramFreeBytes: number } {
  return gpu.isVramTrusted && gpu.vramTotalBytes !== null && gpu.vramFreeBytes !== null && gpu.isMigEnabled !== true;
}
