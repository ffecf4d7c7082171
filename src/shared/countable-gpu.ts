import type { Gpu } from './machine.ts';

/** Returns the memory of a GPU where the figure is reliable. No GPU has 0 bytes: a driver that says so does not know. */
export function knownTotal({ isVramTrusted, vramTotalBytes }: Gpu): number | null {
  return isVramTrusted && vramTotalBytes !== 0 ? vramTotalBytes : null;
}

/** Returns whether this GPU has memory of its own whose figures are reliable. */
export function isCountable(gpu: Gpu): gpu is Gpu & { vramTotalBytes: number; vramFreeBytes: number } {
  const isWhole = gpu.isMigEnabled !== true && gpu.isIntegrated !== true;
  return knownTotal(gpu) !== null && gpu.vramFreeBytes !== null && isWhole;
}
