import type { Gpu } from './machine.ts';

/** Returns whether this GPU has memory of its own whose figures are reliable. */
export function isCountable(gpu: Gpu): gpu is Gpu & { vramTotalBytes: number; vramFreeBytes: number } {
  const isWhole = gpu.isMigEnabled !== true && gpu.isIntegrated !== true;
  return gpu.isVramTrusted && gpu.vramTotalBytes !== null && gpu.vramFreeBytes !== null && isWhole;
}
