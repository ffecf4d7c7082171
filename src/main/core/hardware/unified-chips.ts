import type { Gpu } from '../../../shared/machine.ts';
import type { UnifiedChip } from './hardware-catalog.ts';

/** Returns the row of the chip that a GPU belongs to; undefined for a GPU with a board of its own. */
export function unifiedChipOf(gpu: Gpu, chips: readonly UnifiedChip[]): UnifiedChip | undefined {
  return chips.find(
    (chip) =>
      chip.vendor === gpu.vendor &&
      (chip.names.test(gpu.name ?? '') || chip.capabilities.includes(gpu.computeCapability ?? '')),
  );
}

/**
 * Marks a GPU that shares the machine's memory. NVIDIA's driver reports no figures for one, or only its carve-out, so they are dropped;
 * AMD's are those of the memory that the firmware reserved, and are kept.
 */
export function markUnified(gpu: Gpu, chips: readonly UnifiedChip[]): Gpu {
  if (unifiedChipOf(gpu, chips)?.memory !== 'shared') return gpu;
  const integrated = { ...gpu, isIntegrated: true };
  if (gpu.vendor !== 'nvidia') return integrated;
  return { ...integrated, vramSource: 'unified', isVramTrusted: false, vramTotalBytes: null, vramFreeBytes: null };
}
