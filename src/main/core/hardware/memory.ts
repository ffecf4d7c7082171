import type { Memory } from '../../../shared/machine.ts';
import type { CgroupLimits } from './cgroup.ts';
import { type Collected, unknownFact } from './collected.ts';
import type { SystemView } from './system-view.ts';

/** Facts about the memory from one source, in bytes; null where unknown. */
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
    // Covers pages of every size. Older kernels only report the number of default-size pages.
    hugepagesBytes: row('Hugetlb') ?? hugepages(text, row('Hugepagesize')),
  };
}

/** Applies the control group's limit to a reading: available memory is never more than the limit leaves. */
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

/** Examines the memory: `/proc/meminfo` if it exists, otherwise systeminformation. */
export async function collectMemory(view: SystemView, limits: CgroupLimits): Promise<Collected<Memory>> {
  const proc = await view.text('/proc/meminfo');
  const reading = proc ? parseMeminfo(proc) : await fromLibrary(view);
  const facts = memoryFacts(reading, limits, view.totalMemoryBytes);
  const lacks =
    facts.availableBytes === null ? [unknownFact('memory', 'The system does not report the available memory.')] : [];
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
