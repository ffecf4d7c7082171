import type { Device } from '../../../shared/estimate/device.ts';
import { memoryOf } from '../../../shared/estimate/plan-model.ts';
import type { Engine } from '../../../shared/estimate/quantization.ts';
import { vllmGpus } from '../../../shared/estimate/vllm-gpus.ts';
import type { Machine } from '../../../shared/machine.ts';

/**
 * Where an engine would put a model on a machine, and what had to be left out: vLLM on GPUs (none: it has no place), the embedded
 * engine in memory, as it is built for the CPU.
 */
export function placesOn(
  machine: Machine,
  engine: Engine,
  { inMemory, hasRocmImage }: { inMemory?: boolean; hasRocmImage?: boolean | undefined },
): { devices: Device[]; notes: string[] } {
  if (engine === 'llamacpp' || inMemory) return { devices: memoryOf(machine), notes: [] };
  const { devices, notes } = vllmGpus({ gpus: machine.gpus, links: machine.gpuLinks }, hasRocmImage);
  return { devices, notes };
}
