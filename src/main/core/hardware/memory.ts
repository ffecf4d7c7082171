import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import si from 'systeminformation';
import type { Memory } from '../../../shared/machine.ts';
import type { CgroupLimits } from './cgroup.ts';
import { type Collected, unknownFact, within } from './collected.ts';

/** What one reading of the memory gave, in bytes; null where it did not say. */
export interface MemoryReading {
  totalBytes: number | null;
  availableBytes: number | null;
  swapTotalBytes: number | null;
  swapFreeBytes: number | null;
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
  };
}

/** Looks at the memory: `/proc/meminfo` where there is one, else systeminformation. */
export async function collectMemory(timeoutMs: number, limits: CgroupLimits): Promise<Collected<Memory>> {
  const proc = await within(timeoutMs, readFile('/proc/meminfo', 'utf8'));
  const reading = proc ? parseMeminfo(proc) : await fromLibrary(timeoutMs);
  const facts = memoryFacts(reading, limits, totalmem());
  const lacks =
    facts.availableBytes === null ? [unknownFact('memory', 'The system does not tell how much is available.')] : [];
  return { facts, notKnown: lacks };
}

async function fromLibrary(timeoutMs: number): Promise<MemoryReading> {
  const data = await within(timeoutMs, si.mem());
  return {
    totalBytes: data?.total ?? totalmem(),
    availableBytes: data?.available ?? freemem(),
    swapTotalBytes: data?.swaptotal ?? null,
    swapFreeBytes: data?.swapfree ?? null,
  };
}
