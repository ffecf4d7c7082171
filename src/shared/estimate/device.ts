import { z } from 'zod';

/** One place that holds a part of a model: a GPU, or the memory of the machine. */
export const device = z.object({
  name: z.string().max(500),
  kind: z.enum(['gpu', 'memory']),
  /** All it has. */
  capacityBytes: z.int().positive(),
  /** What nobody uses now; absent: not known, all of it is counted on. */
  freeBytes: z.int().nonnegative().optional(),
  /** Of a GPU: its maker, and for NVIDIA's the compute capability; absent: not known. */
  vendor: z.enum(['nvidia', 'amd']).optional(),
  computeCapability: z.number().positive().max(100).optional(),
});
export type Device = z.infer<typeof device>;

/** Those with the most free memory first; equal ones stay in their order. */
export function bestFirst(devices: readonly Device[]): Device[] {
  const free = (one: Device) => one.freeBytes ?? one.capacityBytes;
  return [...devices].sort((a, b) => free(b) - free(a));
}

const units: Record<string, number> = {
  gb: 1e9,
  gib: 2 ** 30,
  g: 2 ** 30,
  mb: 1e6,
  mib: 2 ** 20,
  m: 2 ** 20,
  tb: 1e12,
  tib: 2 ** 40,
};
const leastBytes = 64 * 2 ** 20;
const mostBytes = 16 * 2 ** 40;
const mostDevices = 64;

/**
 * GPUs as people write them: `80GiB`, `80GiB*2`, `80GiB*2, 48GiB`. Undefined when it cannot be read, or names more than 64 GPUs
 * or sizes that no GPU has (below 64 MiB, above 16 TiB).
 */
export function parseGpus(text: string): Device[] | undefined {
  const found: Device[] = [];
  for (const part of text.split(',')) {
    const [, digits, unit, times] =
      /^\s*(\d{1,7}(?:\.\d{1,6})?)\s*([a-z]{1,3})\s*(?:[*x×]\s*(\d{1,3}))?\s*$/i.exec(part) ?? [];
    const factor = unit === undefined ? undefined : units[unit.toLowerCase()];
    const capacityBytes = Math.floor(Number(digits) * (factor ?? Number.NaN));
    const count = times === undefined ? 1 : Number(times);
    if (!(capacityBytes >= leastBytes && capacityBytes <= mostBytes) || count < 1) return undefined;
    if (found.length + count > mostDevices) return undefined;
    for (let at = 0; at < count; at += 1) found.push({ name: `GPU ${found.length}`, kind: 'gpu', capacityBytes });
  }
  return found;
}
