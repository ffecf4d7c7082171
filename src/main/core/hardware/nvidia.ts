import type { Gpu, GpuLink } from '../../../shared/machine.ts';
import type { ToolAnswer } from '../processes/run-tool.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import { bareGpu } from './bare-gpu.ts';
import { type Collected, unknownFact } from './collected.ts';
import { withNvidiaDetails } from './nvidia-details.ts';
import type { SystemView } from './system-view.ts';

/* The name comes last: it is the one field that may hold a comma. Drivers before 510 do not know all of the first list. */
const fields = ['memory.total', 'memory.free', 'driver_version', 'compute_cap', 'mig.mode.current', 'name'];
const oldFields = ['memory.total', 'memory.free', 'driver_version', 'name'];
/* No board has 16 TiB: a larger number is garbage. */
const maxMebibytes = 2 ** 24;
/* Where the tool is if it is not on PATH: WSL (not on root's PATH), and drivers for Windows before 2018. */
const places: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi'],
  win32: ['nvidia-smi', 'C:\\Program Files\\NVIDIA Corporation\\NVSMI\\nvidia-smi.exe'],
};
/* Cells that say the GPU has no such figure, which is no trouble. */
const hasNone = /^\[?(n\/a|not supported)\]?$/i;
/* Cells that make a GPU unusable, whatever else the driver reports about it. */
const isUnusable = /requires reset|is lost/i;

/* Control characters, and what takes the place of bytes that are not UTF-8. */
const noText = /[^\P{Cc}\s]|\ufffd/u;

/** The parsed output of `nvidia-smi --format=csv,noheader,nounits`: GPUs, and the lines that are no GPU. */
export interface NvidiaReading {
  gpus: Gpu[];
  messages: string[];
}

/** What NVIDIA's tool reported. Links are indexes into `gpus`; `messages` is what it printed besides the GPUs. */
export interface NvidiaFacts extends NvidiaReading {
  links: GpuLink[];
}

/**
 * Reads the answer to a query of these fields. `[N/A]`, `[Unknown Error]` and the like become null. A message may be wrapped: a line that
 * starts with a space continues the one before.
 */
export function parseNvidiaSmi(text: string, asked: readonly string[] = fields): NvidiaReading {
  const read: NvidiaReading = { gpus: [], messages: [] };
  for (const line of text.replace(/\r?\n[ \t]+(?=\S)/g, ' ').split(/\r?\n/)) {
    const isText = !noText.test(line);
    const gpu = isText ? gpuOf(line, asked) : undefined;
    if (gpu) read.gpus.push(gpu);
    else if (!isText) read.messages.push('bytes that are not text');
    else if (firstShownLine(line) !== '') read.messages.push(firstShownLine(line));
  }
  return { gpus: read.gpus.slice(0, 64), messages: [...new Set(read.messages)].slice(0, 64) };
}

/** Asks the NVIDIA driver's own tool. A list counts whatever the exit code. Facts are null if there is no such tool. */
export async function collectNvidia(
  view: SystemView,
  commands = places[view.platform] ?? ['nvidia-smi'],
): Promise<Collected<NvidiaFacts | null>> {
  const { command, answer, asked } = await firstAnswer(view, commands);
  const none = (why?: string) => ({
    facts: { gpus: [], messages: [], links: [] },
    notKnown: why === undefined ? [] : [unknownFact('gpus', why)],
  });
  if (answer.kind === 'missing') return { facts: null, notKnown: [] };
  if (answer.kind === 'silent') return none(`nvidia-smi did not answer within ${view.timeoutMs / 1000} s.`);
  const { gpus, messages } = parseNvidiaSmi(printed(answer), asked);
  if (gpus.length === 0) return none(whyNoList(answer, messages));
  const code = answer.kind === 'failed' ? [`nvidia-smi exited with code ${answer.exitCode}`] : [];
  const details = await withNvidiaDetails(view, command, gpus);
  return { facts: { ...details, messages: messages.length > 0 ? messages : code }, notKnown: [] };
}

/** Returns all that a tool printed, whatever its exit code. */
function printed(answer: ToolAnswer): string {
  if (answer.kind === 'ok') return `${answer.stdout}\n${answer.stderr}`;
  return answer.kind === 'failed' ? answer.output : '';
}

function whyNoList(answer: ToolAnswer, messages: string[]): string | undefined {
  if (messages.some((one) => /no devices were found/i.test(one))) return undefined;
  const said = messages.find((one) => /fail|unable|error|couldn't/i.test(one)) ?? messages[0];
  if (answer.kind === 'failed') return `nvidia-smi: ${said ?? `exited with code ${answer.exitCode}`}`;
  return said === undefined
    ? 'nvidia-smi printed nothing.'
    : `nvidia-smi printed something other than a list of GPUs: ${said}`;
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
    vramSource: 'nvidia-smi',
    isVramTrusted: total !== null && !cells.some((cell) => isUnusable.test(cell)),
    vramTotalBytes: total,
    vramFreeBytes: total !== null && free !== null && free <= total ? free : null,
    driverVersion: driver,
    computeCapability: wordOf(at('compute_cap'), /^\d+\.\d+$/),
    isMigEnabled: at('mig.mode.current') === 'Enabled' ? true : at('mig.mode.current') === '' ? null : false,
    driverSays: troubleIn(cells, [at('memory.total'), at('memory.free')]),
  };
}

/** Returns what the tool prints instead of a figure that the GPU should have: `[GPU requires reset]`, `[Insufficient Permissions]`, `ERR!`. */
function troubleIn(cells: string[], figures: string[]): string | null {
  const isWord = (cell: string) => !/^\d+$|^$/.test(cell) && !hasNone.test(cell);
  const said = cells.find((cell) => isUnusable.test(cell)) ?? figures.find(isWord);
  return said === undefined ? null : firstShownLine(said.replace(/^\[|\]$/g, ''));
}

function bytesOf(cell: string): number | null {
  const value = /^\d{1,9}$/.test(cell) ? Number(cell) : 0;
  return value > 0 && value <= maxMebibytes ? value * 1024 * 1024 : cell === '0' ? 0 : null;
}

function wordOf(cell: string, pattern: RegExp): string | null {
  return pattern.test(cell) ? firstShownLine(cell) : null;
}
