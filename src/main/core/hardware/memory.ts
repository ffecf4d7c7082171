import type { Memory } from '../../../shared/machine.ts';
import type { CgroupLimits } from './cgroup.ts';
import { type Collected, unknownFact } from './collected.ts';
import type { SystemView } from './system-view.ts';

/** What one reading of the memory gave, in bytes; null where it did not say. */
export interface MemoryReading {
  totalBytes: number | null;
  availableBytes: number | null;
  swapTotalBytes: number | null;
  swapFreeBytes: number | null;
  hugepagesBytes: number | null;
}

/** Reads `/proc/meminfo`, whose "kB" are KiB. */
export function parseMeminfo(text: string): MemoryReading {
  const row = (name: string) => {
    const match = new RegExp(`^${name}:\\s+(\\d{1,15}) kB\\s*$`, 'm').exec(text);
    return match ? Number(match[1]) * 1024 : null;
  };
  return {
    totalBytes: row('MemTotal'),
    availableBytes: row('MemAvailable'),
    swapTotalBytes: row('SwapTotal'),
    swapFreeBytes: row('SwapFree'),
    // Counts pages of every size; older kernels have only pages of the usual size, and say how many.
    hugepagesBytes: row('Hugetlb') ?? hugepages(text, row('Hugepagesize')),
  };
}

/** Joins a reading with the control group's limit: what is available is never more than what the limit still leaves. */
export function memoryFacts(reading: MemoryReading, limits: CgroupLimits, systemTotalBytes: number): Memory {
  const totalBytes = reading.totalBytes ?? systemTotalBytes;
  const limit =
    limits.memoryLimitBytes !== null && limits.memoryLimitBytes < totalBytes ? limits.memoryLimitBytes : null;
  const left = limit === null ? null : Math.max(0, limit - (limits.memoryUsedBytes ?? 0));
  const available = reading.availableBytes;
  return {
    totalBytes,
    availableBytes: available === null || left === null ? (available ?? left) : Math.min(available, left),
    limitBytes: limit,
    swapTotalBytes: reading.swapTotalBytes,
    swapFreeBytes: reading.swapFreeBytes,
    hugepagesBytes: reading.hugepagesBytes,
  };
}

/** Looks at the memory: `/proc/meminfo` where there is one, else systeminformation. */
export async function collectMemory(view: SystemView, limits: CgroupLimits): Promise<Collected<Memory>> {
  const proc = await view.text('/proc/meminfo');
  const reading = proc ? parseMeminfo(proc) : await fromLibrary(view);
  const facts = memoryFacts(reading, limits, view.totalMemoryBytes);
  const lacks =
    facts.availableBytes === null ? [unknownFact('memory', 'The system does not tell how much is available.')] : [];
  return { facts, notKnown: lacks };
}

function hugepages(text: string, pageBytes: number | null): number | null {
  const count = /^HugePages_Total:\s+(\d{1,12})\s*$/m.exec(text)?.[1];
  return count === undefined || pageBytes === null ? null : Number(count) * pageBytes;
}

async function fromLibrary(view: SystemView): Promise<MemoryReading> {
  const data = await view.library.memory();
  return {
    totalBytes: data?.total ?? null,
    availableBytes: data?.available ?? null,
    swapTotalBytes: data?.swaptotal ?? null,
    swapFreeBytes: data?.swapfree ?? null,
    hugepagesBytes: null,
  };
}
