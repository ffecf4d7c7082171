import type { Gpu, GpuLink } from '../../../shared/machine.ts';
import { bareGpu } from './bare-gpu.ts';
import { type Collected, oneLine, unknownFact } from './collected.ts';
import { withNvidiaDetails } from './nvidia-details.ts';
import type { ToolAnswer } from './run-tool.ts';
import type { SystemView } from './system-view.ts';

/* The name comes last: it is the one field that may hold a comma. Drivers before 510 do not know all of the first list. */
const fields = ['memory.total', 'memory.free', 'driver_version', 'compute_cap', 'mig.mode.current', 'name'];
const oldFields = ['memory.total', 'memory.free', 'driver_version', 'name'];
/* No board has 16 TiB: a larger number is garbage. */
const maxMebibytes = 2 ** 24;
/* Where the tool lies when PATH does not lead to it: WSL (not on root's PATH), and drivers for Windows before 2018. */
const places: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi'],
  win32: ['nvidia-smi', 'C:\\Program Files\\NVIDIA Corporation\\NVSMI\\nvidia-smi.exe'],
};
/* Chips that have no memory of their own: Jetson boards and GB10 (DGX Spark), for which nvidia-smi gives no figures. */
const sharing = /\b(nvgpu|orin|thor|xavier|gb10)\b/i;

/** What `nvidia-smi --format=csv,noheader,nounits` printed: GPUs, and how many lines were not of the asked shape. */
export interface NvidiaReading {
  gpus: Gpu[];
  refusedLines: number;
}

/** What NVIDIA's tool told; links point into `gpus`. */
export interface NvidiaFacts {
  gpus: Gpu[];
  links: GpuLink[];
}

/** Reads the answer to a query of these fields. `[N/A]`, `[Unknown Error]` and the like become null. */
export function parseNvidiaSmi(text: string, asked: readonly string[] = fields): NvidiaReading {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const gpus = lines.slice(0, 64).flatMap((line) => gpuOf(line, asked) ?? []);
  return { gpus, refusedLines: lines.length - gpus.length };
}

/** Asks the NVIDIA driver's own tool. Null facts: there is no such tool. */
export async function collectNvidia(
  view: SystemView,
  commands = places[view.platform] ?? ['nvidia-smi'],
): Promise<Collected<NvidiaFacts | null>> {
  const { command, answer, asked } = await firstAnswer(view, commands);
  const none = (why?: string) => ({
    facts: { gpus: [], links: [] },
    notKnown: why === undefined ? [] : [unknownFact('gpus', why)],
  });
  if (answer.kind === 'missing') return { facts: null, notKnown: [] };
  if (answer.kind === 'silent') return none(`nvidia-smi did not answer within ${view.timeoutMs / 1000} s.`);
  const text = answer.kind === 'ok' ? answer.stdout : answer.output;
  if (/no devices were found/i.test(text)) return none();
  if (answer.kind === 'failed') return none(`nvidia-smi: ${oneLine(text)}`);
  const { gpus, refusedLines } = parseNvidiaSmi(text, asked);
  const details = gpus.length > 0 ? await withNvidiaDetails(view, command, gpus) : { gpus, links: [] };
  if (refusedLines > 0) {
    const why = `nvidia-smi said something that is no list of GPUs: ${oneLine(text)}`;
    return { facts: details, notKnown: [unknownFact('gpus', why)] };
  }
  return gpus.length > 0 ? { facts: details, notKnown: [] } : none('nvidia-smi said nothing.');
}

async function firstAnswer(view: SystemView, commands: readonly string[]) {
  let last: { command: string; answer: ToolAnswer; asked: string[] } = {
    command: '',
    answer: { kind: 'missing' },
    asked: fields,
  };
  for (const command of commands) {
    const answer = await view.tool(command, query(fields));
    last = { command, answer, asked: fields };
    if (answer.kind === 'failed' && /not a valid field/i.test(answer.output))
      last = { command, answer: await view.tool(command, query(oldFields)), asked: oldFields };
    if (answer.kind !== 'missing') break;
  }
  return last;
}

function query(asked: readonly string[]): string[] {
  return [`--query-gpu=${asked.join(',')}`, '--format=csv,noheader,nounits'];
}

function gpuOf(line: string, asked: readonly string[]): Gpu | undefined {
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length < asked.length) return undefined;
  const at = (name: string) => (asked.includes(name) ? (cells[asked.indexOf(name)] ?? '') : '');
  const name = cells.slice(asked.length - 1).join(', ');
  const driver = wordOf(at('driver_version'), /^[\d.]+$/);
  if (name === '' || (driver === null && !at('driver_version').startsWith('['))) return undefined;
  const total = bytesOf(at('memory.total'));
  const free = bytesOf(at('memory.free'));
  return {
    ...bareGpu('nvidia', wordOf(name, /^[^[]/)),
    vramSource: total === null && sharing.test(name) ? 'unified' : 'nvidia-smi',
    isVramTrusted: total !== null,
    vramTotalBytes: total,
    vramFreeBytes: total !== null && free !== null && free <= total ? free : null,
    driverVersion: driver,
    computeCapability: wordOf(at('compute_cap'), /^\d+\.\d+$/),
    isMigEnabled: at('mig.mode.current') === 'Enabled' ? true : at('mig.mode.current') === '' ? null : false,
  };
}

function bytesOf(cell: string): number | null {
  const value = /^\d{1,9}$/.test(cell) ? Number(cell) : 0;
  return value > 0 && value <= maxMebibytes ? value * 1024 * 1024 : cell === '0' ? 0 : null;
}

function wordOf(cell: string, pattern: RegExp): string | null {
  return pattern.test(cell) ? oneLine(cell) : null;
}
