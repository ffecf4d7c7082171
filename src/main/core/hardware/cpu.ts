import type si from 'systeminformation';
import type { Cpu } from '../../../shared/machine.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import { type Collected, unknownFact } from './collected.ts';
import { countListed } from './sysfs.ts';
import type { SystemView } from './system-view.ts';

/** Facts about the processor from one source; null where unknown. */
export interface CpuReading {
  model: string | null;
  coresPhysical: number | null;
  threads: number | null;
  /** Lower-case feature flags; null when the text names none. */
  flags: string[] | null;
}

/** Reads `/proc/cpuinfo`. Cores are counted by their physical and core ids; unknown if these are missing. */
export function parseCpuinfo(text: string): CpuReading {
  const blocks = text.split(/\n\s*\n/).map(fieldsOf);
  const threads = blocks.filter((one) => one.has('processor')).length;
  const cores = new Set(
    blocks.flatMap((one) => (one.has('core id') ? [`${one.get('physical id') ?? '0'}/${one.get('core id')}`] : [])),
  );
  const first = blocks.find((one) => one.has('processor'));
  const flags = first?.get('flags') ?? first?.get('Features');
  const model = first?.get('model name') ?? blocks.find((one) => one.has('Model'))?.get('Model');
  return {
    model: model ? firstShownLine(model) : null,
    coresPhysical: cores.size > 0 ? cores.size : null,
    threads: threads > 0 ? threads : null,
    flags: flags ? flags.toLowerCase().split(/\s+/) : null,
  };
}

/**
 * Merges readings; the first known value of each field wins. AVX and AMX exist on x64 only. NUMA nodes are added by the
 * caller.
 */
export function cpuFacts(
  readings: CpuReading[],
  { architecture, threads }: Pick<SystemView, 'architecture' | 'threads'>,
  limitThreads: number | null,
): Cpu {
  const first = <K extends keyof CpuReading>(key: K) => readings.find((one) => one[key] !== null)?.[key] ?? null;
  const flags = first('flags');
  const has = (flag: string) => (architecture !== 'x64' ? false : (flags?.includes(flag) ?? null));
  return {
    model: first('model'),
    architecture,
    coresPhysical: first('coresPhysical'),
    threads: first('threads') ?? threads,
    limitThreads,
    hasAvx2: has('avx2'),
    hasAvx512: has('avx512f'),
    hasAmx: has('amx_tile'),
    numaNodes: null,
  };
}

/** Examines the processor: `/proc/cpuinfo` if it exists, completed by systeminformation. */
export async function collectCpu(view: SystemView, limitThreads: number | null): Promise<Collected<Cpu>> {
  const [proc, library, nodes] = await Promise.all([
    view.text('/proc/cpuinfo'),
    view.library.cpu(),
    view.text('/sys/devices/system/node/online'),
  ]);
  const readings: CpuReading[] = [];
  if (proc) readings.push(parseCpuinfo(proc));
  if (library) readings.push(fromLibrary(library));
  const facts: Cpu = { ...cpuFacts(readings, view, limitThreads), numaNodes: countListed(nodes ?? '') };
  const lacks =
    facts.coresPhysical === null ? [unknownFact('cpu', 'The system does not report the number of cores.')] : [];
  return { facts, notKnown: lacks };
}

function fromLibrary(data: si.Systeminformation.CpuData): CpuReading {
  const flags = data.flags.toLowerCase().split(/\s+/).filter(Boolean);
  return {
    model: firstShownLine(`${data.manufacturer} ${data.brand}`) || null,
    coresPhysical: data.physicalCores > 0 ? data.physicalCores : null,
    threads: data.cores > 0 ? data.cores : null,
    // Windows and macOS list only the old flags, so a missing AVX2 proves nothing.
    flags: flags.includes('avx2') ? flags : null,
  };
}

function fieldsOf(block: string): Map<string, string> {
  const lines = block.split('\n').map((line) => /^([^:]+?)\s*:\s*(.*)$/.exec(line));
  return new Map(lines.flatMap((match) => (match?.[1] ? [[match[1].trim(), (match[2] ?? '').trim()] as const] : [])));
}
