import { dirname, join } from 'node:path/posix';
import type { SystemView } from './system-view.ts';

/** Limits of this process's control group; null means no limit, or unknown. */
export interface CgroupLimits {
  memoryLimitBytes: number | null;
  /** Memory used that could not be reclaimed, counted where the limit is set. */
  memoryUsedBytes: number | null;
  cpuThreads: number | null;
}

/** The groups of this process in `/proc/self/cgroup`: the path in version 2, and per controller in version 1. */
export function parseProcCgroup(text: string): { v2: string | null; v1: Map<string, string> } {
  const v1 = new Map<string, string>();
  let v2: string | null = null;
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (!match?.[2]) continue;
    if (match[1] === '') v2 = match[2];
    for (const controller of (match[1] ?? '').split(',').filter(Boolean)) v1.set(controller, match[2]);
  }
  return { v2, v1 };
}

/** Returns a limit in bytes, or null for `max` and the huge numbers of version 1. */
export function parseMemoryLimit(text: string): number | null {
  const line = text.trim();
  if (!/^\d+$/.test(line)) return null;
  const value = Number(line);
  return value > 0 && value < 2 ** 53 ? value : null;
}

/** CPUs' worth of time from `cpu.max` ("200000 100000"), or from quota and period of version 1 joined by a space. */
export function parseCpuMax(text: string): number | null {
  const match = /^(\d+)\s+(\d+)\s*$/.exec(text.trim());
  const [quota, period] = [Number(match?.[1]), Number(match?.[2])];
  return match && quota > 0 && period > 0 ? quota / period : null;
}

/** Returns the bytes in one row of `memory.stat`, or 0 if there is no such row. */
export function parseMemoryStat(text: string, row: string): number {
  const match = new RegExp(`^${row} (\\d+)$`, 'm').exec(text);
  return match ? Number(match[1]) : 0;
}

/** Reads the tightest limits from the group of this process up to the root, in version 2 or version 1. Never throws. */
export async function cgroupLimits(
  view: Pick<SystemView, 'text'>,
  root = '/sys/fs/cgroup',
  procFile = '/proc/self/cgroup',
): Promise<CgroupLimits> {
  const textOf: TextOf = async (path) => (await view.text(path)) ?? '';
  const { v2, v1 } = parseProcCgroup(await textOf(procFile));
  const memory = [
    ...levels(v2).map((path) => memoryAt(textOf, join(root, path), v2Files)),
    ...levels(v1.get('memory') ?? null).map((path) => memoryAt(textOf, join(root, 'memory', path), v1Files)),
  ];
  const cpu = [
    ...levels(v2).map(async (path) => parseCpuMax(await textOf(join(root, path, 'cpu.max')))),
    ...levels(v1.get('cpu') ?? null).map(async (path) => {
      const folder = join(root, 'cpu', path);
      const [quota, period] = await Promise.all([
        textOf(join(folder, 'cpu.cfs_quota_us')),
        textOf(join(folder, 'cpu.cfs_period_us')),
      ]);
      return parseCpuMax(`${quota.trim()} ${period.trim()}`);
    }),
  ];
  const tightest = (await Promise.all(memory)).reduce(
    (a, b) => ((b.limit ?? Infinity) < (a.limit ?? Infinity) ? b : a),
    {
      limit: null,
      used: null,
    },
  );
  const quotas = (await Promise.all(cpu)).filter((one) => one !== null);
  return {
    memoryLimitBytes: tightest.limit,
    memoryUsedBytes: tightest.used,
    cpuThreads: quotas.length > 0 ? Math.min(...quotas) : null,
  };
}

type TextOf = (path: string) => Promise<string>;

interface MemoryLevel {
  limit: number | null;
  used: number | null;
}

const v2Files = { limit: 'memory.max', used: 'memory.current', cache: 'inactive_file' };
const v1Files = { limit: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes', cache: 'total_inactive_file' };

async function memoryAt(textOf: TextOf, folder: string, files: typeof v2Files): Promise<MemoryLevel> {
  const limit = parseMemoryLimit(await textOf(join(folder, files.limit)));
  if (limit === null) return { limit, used: null };
  const [used, stat] = await Promise.all([textOf(join(folder, files.used)), textOf(join(folder, 'memory.stat'))]);
  const usedBytes = parseMemoryLimit(used);
  // Page cache that is not in use goes away when a process needs the memory.
  return { limit, used: usedBytes === null ? null : Math.max(0, usedBytes - parseMemoryStat(stat, files.cache)) };
}

/** The group's path and all above it; inside a container the path may not exist, then the root is the container's own. */
function levels(path: string | null): string[] {
  if (path === null) return [];
  const all = ['/'];
  for (let one = path; one !== '/' && one !== '.'; one = dirname(one)) all.push(one);
  return all;
}
