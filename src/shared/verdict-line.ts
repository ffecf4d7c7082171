import { bytesText } from './bytes-text.ts';
import { isCountable } from './countable-gpu.ts';
import type { Machine } from './machine.ts';

/** One sentence on what this machine can carry, by what is free now: a place to start, the verdict per model is `sealift models`. */
export function verdictLine(machine: Machine): string {
  // What an integrated GPU has of its own is a sliver of the memory, and no engine takes it.
  const gpus = machine.gpus.filter(isCountable).filter((gpu) => gpu.isIntegrated !== true);
  const whole = gpus.filter((gpu) => gpu.migProfile === null);
  if (whole.length > 0) {
    const free = whole.reduce((sum, gpu) => sum + gpu.vramFreeBytes, 0);
    return `${bytesText(free)} of GPU memory are free on ${whole.length} GPU${whole.length > 1 ? 's' : ''}.`;
  }
  const [instance] = gpus;
  if (instance) return `${bytesText(instance.vramFreeBytes)} of GPU memory are free on one instance of a split GPU.`;
  const available = machine.memory.availableBytes;
  if (available === null) return 'No GPU to count on, and how much memory is available is not known.';
  return `No GPU to count on: small models on the CPU, within ${bytesText(available)} of available memory.`;
}
