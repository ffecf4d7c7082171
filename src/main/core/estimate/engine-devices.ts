import type { Device } from '../../../shared/estimate/device.ts';
import { memoryOf } from '../../../shared/estimate/plan-model.ts';
import type { Engine } from '../../../shared/estimate/quantization.ts';
import { vllmGpus } from '../../../shared/estimate/vllm-gpus.ts';
import type { Machine } from '../../../shared/machine.ts';

/**
 * Returns the devices on which an engine would put a model, with notes on the devices it cannot use. vLLM uses GPUs only; the embedded
 * engine is built for the CPU and uses memory.
 */
export function engineDevices(
  machine: Machine,
  engine: Engine,
  { inMemory, hasRocmImage }: { inMemory?: boolean; hasRocmImage?: boolean | undefined },
): { devices: Device[]; notes: string[] } {
  if (engine === 'llamacpp' || inMemory) return { devices: memoryOf(machine), notes: [] };
  const { devices, notes } = vllmGpus({ gpus: machine.gpus, links: machine.gpuLinks }, hasRocmImage);
  return { devices, notes };
}
