import type { Gpu, GpuLink } from '../../../shared/machine.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import { type NvidiaLong, parseNvidiaXml } from './nvidia-xml.ts';
import type { SystemView } from './system-view.ts';

const eccFields = ['ecc.errors.uncorrected.volatile.total', 'ecc.errors.uncorrected.aggregate.total'];

/**
 * Adds details to GPUs, given in the tool's order: CUDA, processes, ECC errors, instances (MIG) as devices
 * of their own after the GPU that they are part of, and links. Facts that could not be read stay null.
 */
export async function withNvidiaDetails(
  view: SystemView,
  command: string,
  gpus: Gpu[],
): Promise<{ gpus: Gpu[]; links: GpuLink[] }> {
  const isSplit = gpus.some((gpu) => gpu.isMigEnabled);
  const ask = async (wanted: boolean, ...args: string[]) => {
    const answer = wanted ? await view.tool(command, args) : undefined;
    if (answer?.kind === 'ok') return answer.stdout;
    // A warning, such as a damaged infoROM, sets the exit code after a whole answer.
    return answer?.kind === 'failed' ? answer.output : '';
  };
  const [long, ecc, matrix, list] = await Promise.all([
    ask(true, '-q', '-x').then(parseNvidiaXml),
    ask(true, `--query-gpu=${eccFields.join(',')}`, '--format=csv,noheader,nounits').then(parseEcc),
    ask(gpus.length > 1, 'topo', '-m').then(parseTopology),
    ask(isSplit, '-L').then(parseMigProfiles),
  ]);
  // Answers about a different number of GPUs cannot be matched by their order.
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

/** Reads the matrix of `nvidia-smi topo -m`: each pair of GPUs once. */
export function parseTopology(text: string): GpuLink[] {
  // The heading is underlined with terminal escapes, which some drivers always print.
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
    if (profile !== undefined) all.at(-1)?.push(firstShownLine(profile));
  }
  return all;
}

function parseEcc(text: string): Pick<Gpu, 'eccErrors' | 'eccErrorsEver'>[] {
  const count = (cell: string | undefined) => (/^\d{1,12}$/.test(cell?.trim() ?? '') ? Number(cell) : null);
  const lines = text.split(/\r?\n/).filter((line) => /^\s*(\d+|\[[^\]]*\])\s*,/.test(line));
  return lines.map((line) => {
    const [volatile, aggregate] = line.split(',');
    return { eccErrors: count(volatile), eccErrorsEver: count(aggregate) };
  });
}

function instancesOf(gpu: Gpu, told: NvidiaLong['gpus'][number] | undefined, profiles: string[]): Gpu[] {
  if (gpu.isMigEnabled !== true) return [];
  return (told?.instances ?? []).map(({ totalBytes, freeBytes }, index) => ({
    ...gpu,
    isMigEnabled: false,
    migProfile: profiles[index] ?? 'MIG',
    isVramTrusted: totalBytes !== null,
    vramTotalBytes: totalBytes,
    vramFreeBytes: totalBytes !== null && freeBytes !== null && freeBytes <= totalBytes ? freeBytes : null,
    // The tool reports these for the whole GPU.
    eccErrors: null,
    eccErrorsEver: null,
    processes: null,
  }));
}
