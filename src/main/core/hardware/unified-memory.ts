import type { Gpu, Memory } from '../../../shared/machine.ts';
import type { UnifiedChip } from './hardware-catalog.ts';
import type { SystemView } from './system-view.ts';
import { unifiedChipOf } from './unified-chips.ts';

const folder = '/sys/devices/system/node';

/**
 * Corrects the memory of a machine whose GPU and processor share it, which the system's own figures alone overstate: what programs on
 * the GPU hold is never available, and memory of a GPU that Linux lists as nodes without processors is the GPU's, not the machine's.
 */
export async function correctUnified(
  view: SystemView,
  memory: Memory,
  gpus: readonly Gpu[],
  chips: readonly UnifiedChip[],
): Promise<Memory> {
  const kinds = gpus.map((gpu) => unifiedChipOf(gpu, chips)?.memory);
  const nodes = kinds.includes('own-as-nodes') ? await memoryOnlyNodes(view) : { totalBytes: 0, freeBytes: 0 };
  const held = gpus
    .filter((gpu) => gpu.vramSource === 'unified')
    .flatMap((gpu) => gpu.processes ?? [])
    .reduce((sum, one) => sum + (one.usedBytes ?? 0), 0);
  const totalBytes = Math.max(0, memory.totalBytes - nodes.totalBytes);
  const available = memory.availableBytes === null ? null : memory.availableBytes - nodes.freeBytes;
  return {
    ...memory,
    totalBytes,
    availableBytes: available === null ? null : Math.max(0, Math.min(available, totalBytes - held)),
  };
}

async function memoryOnlyNodes(view: SystemView): Promise<{ totalBytes: number; freeBytes: number }> {
  const names = (await view.names(folder)).filter((name) => /^node\d{1,4}$/.test(name));
  const nodes = await Promise.all(
    names.map(async (name) => {
      const [processors, text] = await Promise.all([
        view.text(`${folder}/${name}/cpulist`),
        view.text(`${folder}/${name}/meminfo`),
      ]);
      // A list that could not be read proves nothing.
      return processors?.trim() === '' ? [bytesOf(text, 'MemTotal'), bytesOf(text, 'MemFree')] : [0, 0];
    }),
  );
  const sum = (at: 0 | 1) => nodes.reduce((all, one) => all + (one[at] ?? 0), 0);
  return { totalBytes: sum(0), freeBytes: sum(1) };
}

function bytesOf(text: string | undefined, name: string): number {
  return Number(new RegExp(`${name}:\\s+(\\d{1,15}) kB`).exec(text ?? '')?.[1] ?? 0) * 1024;
}
