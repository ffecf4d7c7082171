import { z } from 'zod';
import { sizeUnits } from '../size-units.ts';

/** A device that holds a part of a model: a GPU, or main memory. */
export const device = z.object({
  name: z.string().max(500),
  kind: z.enum(['gpu', 'memory']),
  /** Total memory. */
  capacityBytes: z.int().positive(),
  /** Memory that is free now; absent if unknown, and then all of it counts as free. */
  freeBytes: z.int().nonnegative().optional(),
  /** Vendor of a GPU and, for NVIDIA, its compute capability; absent if unknown. */
  vendor: z.enum(['nvidia', 'amd']).optional(),
  computeCapability: z.number().positive().max(100).optional(),
  /** The place of a detected GPU among the machine's GPUs. */
  index: z.int().nonnegative().optional(),
});
export type Device = z.infer<typeof device>;

/** Sorts devices by free memory, most first; the sort is stable. */
export function bestFirst(devices: readonly Device[]): Device[] {
  const free = (one: Device) => one.freeBytes ?? one.capacityBytes;
  return [...devices].sort((a, b) => free(b) - free(a));
}

const leastBytes = 64 * 2 ** 20;
const mostBytes = 16 * 2 ** 40;
const mostDevices = 64;

/**
 * Parses a list of GPUs such as `80GiB`, `80GiB*2` or `80GiB*2, 48GiB`. Returns undefined if it is malformed, names more than 64 GPUs or
 * contains an impossible size (below 64 MiB or above 16 TiB).
 */
export function parseGpus(text: string): Device[] | undefined {
  const found: Device[] = [];
  for (const part of text.split(',')) {
    const [, digits, unit, times] =
      /^\s*(\d{1,7}(?:\.\d{1,6})?)\s*([a-z]{1,3})\s*(?:[*x×]\s*(\d{1,3}))?\s*$/i.exec(part) ?? [];
    const factor = sizeUnits[unit?.toLowerCase() ?? ''];
    const capacityBytes = Math.floor(Number(digits) * (factor ?? Number.NaN));
    const count = times === undefined ? 1 : Number(times);
    if (!(capacityBytes >= leastBytes && capacityBytes <= mostBytes) || count < 1) return undefined;
    if (found.length + count > mostDevices) return undefined;
    for (let at = 0; at < count; at += 1) found.push({ name: `GPU ${found.length}`, kind: 'gpu', capacityBytes });
  }
  return found;
}
