import type { Gpu, GpuLink } from '../../../shared/machine.ts';
import { oneLine } from './collected.ts';
import type { SystemView } from './system-view.ts';

/** What the long answer (`nvidia-smi -q -x`) tells of one GPU. */
interface LongReading {
  processes: NonNullable<Gpu['processes']>;
  instances: { totalBytes: number | null; freeBytes: number | null }[];
}

/** What `nvidia-smi -q -x` printed: the driver's CUDA, and each GPU in the order of the tool. */
export interface NvidiaLong {
  cudaVersion: string | null;
  gpus: LongReading[];
}

const eccFields = ['ecc.errors.uncorrected.volatile.total', 'ecc.errors.uncorrected.aggregate.total'];

/**
 * Completes GPUs, given in the tool's order, by what further questions bring: CUDA, processes, ECC errors, instances (MIG) as devices
 * of their own after the GPU that they are part of, and links. A question without a good answer leaves its facts null.
 */
export async function withNvidiaDetails(
  view: SystemView,
  command: string,
  gpus: Gpu[],
): Promise<{ gpus: Gpu[]; links: GpuLink[] }> {
  const isSplit = gpus.some((gpu) => gpu.isMigEnabled);
  const ask = async (wanted: boolean, ...args: string[]) => {
    const answer = wanted ? await view.tool(command, args) : undefined;
    return answer?.kind === 'ok' ? answer.stdout : '';
  };
  const [long, ecc, matrix, list] = await Promise.all([
    ask(true, '-q', '-x').then(parseNvidiaXml),
    ask(true, `--query-gpu=${eccFields.join(',')}`, '--format=csv,noheader,nounits').then(parseEcc),
    ask(gpus.length > 1, 'topo', '-m').then(parseTopology),
    ask(isSplit, '-L').then(parseMigProfiles),
  ]);
  // Answers that speak of another number of GPUs cannot be told apart by their order.
  const told = long.gpus.length === gpus.length ? long.gpus : [];
  const errors = ecc.length === gpus.length ? ecc : [];
  const places: number[] = [];
  const all: Gpu[] = [];
  for (const [index, gpu] of gpus.entries()) {
    places.push(all.length);
    const whole = {
      ...gpu,
      ...errors[index],
      cudaVersion: long.cudaVersion,
      processes: told[index]?.processes ?? null,
    };
    all.push(whole, ...instancesOf(whole, told[index], list[index] ?? []));
  }
  const links = matrix.flatMap(({ from, to, link }) => {
    const [a, b] = [places[from], places[to]];
    return a === undefined || b === undefined ? [] : [{ from: a, to: b, link }];
  });
  return { gpus: all.slice(0, 64), links: all.length > 64 ? [] : links };
}

/** Reads `nvidia-smi -q -x`. Blocks of another shape are left out. */
export function parseNvidiaXml(text: string): NvidiaLong {
  const cuda = wordIn(text, 'cuda_version');
  return {
    cudaVersion: /^\d+\.\d+$/.test(cuda) ? cuda : null,
    gpus: inside(text, 'gpu').slice(0, 64).map(longReading),
  };
}

/** Reads the matrix of `nvidia-smi topo -m`: each pair of GPUs once. */
export function parseTopology(text: string): GpuLink[] {
  // The heading is underlined on terminals, by escapes that some drivers print always.
  const escapeMark = String.fromCharCode(27);
  const lines = text.split('\n').map((line) => line.replaceAll(new RegExp(`${escapeMark}\\[\\d*m`, 'g'), '').trim());
  const rows = lines.flatMap((line) => {
    const [name, ...cells] = line.split(/\s+/);
    const from = Number(/^GPU(\d{1,2})$/.exec(name ?? '')?.[1]);
    // The columns of network adapters come after those of the GPUs.
    return cells[from] === 'X' ? [{ from, cells }] : [];
  });
  return rows.flatMap(({ from, cells }) =>
    cells
      .slice(0, Math.min(rows.length, 64))
      .flatMap((link, to) =>
        to > from && /^(NV\d{1,2}|PIX|PXB|PHB|NODE|SYS)$/.test(link) ? [{ from, to, link }] : [],
      ),
  );
}

/** Profiles of the instances of each GPU, from `nvidia-smi -L`. */
export function parseMigProfiles(text: string): string[][] {
  const all: string[][] = [];
  for (const line of text.split('\n')) {
    if (/^GPU \d+:/.test(line)) all.push([]);
    const profile = /^\s+MIG (\S{1,30})\s+Device\s+\d+:/.exec(line)?.[1];
    if (profile !== undefined) all.at(-1)?.push(oneLine(profile));
  }
  return all;
}

function parseEcc(text: string): Pick<Gpu, 'eccErrors' | 'eccErrorsEver'>[] {
  const count = (cell: string | undefined) => (/^\d{1,12}$/.test(cell?.trim() ?? '') ? Number(cell) : null);
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [volatile, aggregate] = line.split(',');
    return { eccErrors: count(volatile), eccErrorsEver: count(aggregate) };
  });
}

function instancesOf(gpu: Gpu, told: LongReading | undefined, profiles: string[]): Gpu[] {
  if (gpu.isMigEnabled !== true) return [];
  return (told?.instances ?? []).map(({ totalBytes, freeBytes }, index) => ({
    ...gpu,
    isMigEnabled: false,
    migProfile: profiles[index] ?? 'MIG',
    isVramTrusted: totalBytes !== null,
    vramTotalBytes: totalBytes,
    vramFreeBytes: totalBytes !== null && freeBytes !== null && freeBytes <= totalBytes ? freeBytes : null,
    // The tool tells these of the whole GPU.
    eccErrors: null,
    eccErrorsEver: null,
    processes: null,
  }));
}

function longReading(block: string): LongReading {
  const processes = inside(block, 'process_info').flatMap((one) => {
    const pid = Number(wordIn(one, 'pid') || Number.NaN);
    const name = oneLine(wordIn(one, 'process_name'));
    return Number.isSafeInteger(pid) && pid >= 0 ? [{ pid, name, usedBytes: mebibytes(one, 'used_memory') }] : [];
  });
  const instances = inside(block, 'mig_device').map((one) => {
    const memory = inside(one, 'fb_memory_usage')[0] ?? '';
    return { totalBytes: mebibytes(memory, 'total'), freeBytes: mebibytes(memory, 'free') };
  });
  return { processes: processes.slice(0, 64), instances };
}

function mebibytes(block: string, tag: string): number | null {
  const value = /^(\d{1,9}) MiB$/.exec(wordIn(block, tag))?.[1];
  return value === undefined ? null : Number(value) * 1024 * 1024;
}

/** What lies between `<tag>` and `</tag>`, as it stands; the tags asked for here never lie within themselves. */
function inside(text: string, tag: string): string[] {
  return [...text.matchAll(new RegExp(`<${tag}(?: [^>]*)?>([\\s\\S]*?)</${tag}>`, 'g'))].map((match) => match[1] ?? '');
}

function wordIn(block: string, tag: string): string {
  const raw = inside(block, tag)[0] ?? '';
  return raw.replace(/&(lt|gt|quot|apos|amp);/g, (_all, name: string) => entities[name] ?? '').trim();
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
