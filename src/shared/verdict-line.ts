import { bytesText } from './bytes-text.ts';
import { isCountable } from './countable-gpu.ts';
import type { Machine } from './machine.ts';

/** Returns one sentence on what this machine can serve with its free memory. `sealift models` shows the verdict per model. */
export function verdictLine(machine: Machine): string {
  const gpus = machine.gpus.filter(isCountable);
  const whole = gpus.filter((gpu) => gpu.migProfile === null);
  if (whole.length > 0) {
    const free = whole.reduce((sum, gpu) => sum + gpu.vramFreeBytes, 0);
    return `${bytesText(free)} of GPU memory is free on ${whole.length} GPU${whole.length > 1 ? 's' : ''}.`;
  }
  const [instance] = gpus;
  if (instance) return `${bytesText(instance.vramFreeBytes)} of GPU memory is free on one instance of a split GPU.`;
  const available = machine.memory.availableBytes;
  if (available === null) return 'No usable GPU, and the amount of available memory is unknown.';
  return `No usable GPU: small models can run on the CPU, within ${bytesText(available)} of available memory.`;
}
