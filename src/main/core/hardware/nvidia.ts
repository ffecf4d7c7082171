import type { Gpu } from '../../../shared/machine.ts';
import { type Collected, oneLine, unknownFact } from './collected.ts';
import { runTool, type ToolAnswer } from './run-tool.ts';

/* The name comes last: it is the one field that may hold a comma. Drivers before 510 do not know all of the first list. */
const fields = ['memory.total', 'memory.free', 'driver_version', 'compute_cap', 'mig.mode.current', 'name'];
const oldFields = ['memory.total', 'memory.free', 'driver_version', 'name'];
/* No board has 16 TiB: a larger number is garbage. */
const maxMebibytes = 2 ** 24;

/** What `nvidia-smi --format=csv,noheader,nounits` printed: GPUs, and how many lines were not of the asked shape. */
export interface NvidiaReading {
  gpus: Gpu[];
  refusedLines: number;
}

/** Reads the answer to a query of these fields. `[N/A]`, `[Unknown Error]` and the like become null. */
export function parseNvidiaSmi(text: string, asked: readonly string[] = fields): NvidiaReading {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const gpus = lines.slice(0, 64).flatMap((line) => gpuOf(line, asked) ?? []);
  return { gpus, refusedLines: lines.length - gpus.length };
}

/** Asks the NVIDIA driver's own tool. Null facts: there is no such tool. */
export async function collectNvidia(timeoutMs: number, command = 'nvidia-smi'): Promise<Collected<Gpu[] | null>> {
  let asked = fields;
  let answer = await ask(command, asked, timeoutMs);
  if (answer.kind === 'failed' && /not a valid field/i.test(answer.output)) {
    asked = oldFields;
    answer = await ask(command, asked, timeoutMs);
  }
  if (answer.kind === 'missing') return { facts: null, notKnown: [] };
  if (answer.kind === 'silent') {
    return { facts: [], notKnown: [unknownFact('gpus', `nvidia-smi did not answer within ${timeoutMs / 1000} s.`)] };
  }
  const text = answer.kind === 'ok' ? answer.stdout : answer.output;
  if (/no devices were found/i.test(text)) return { facts: [], notKnown: [] };
  if (answer.kind === 'failed') return { facts: [], notKnown: [unknownFact('gpus', `nvidia-smi: ${oneLine(text)}`)] };
  return judged(parseNvidiaSmi(text, asked), text);
}

function judged(reading: NvidiaReading, text: string): Collected<Gpu[]> {
  const whys: string[] = [];
  if (reading.refusedLines > 0) whys.push(`nvidia-smi said something that is no list of GPUs: ${oneLine(text)}`);
  else if (reading.gpus.length === 0) whys.push('nvidia-smi said nothing.');
  return { facts: reading.gpus, notKnown: whys.map((why) => unknownFact('gpus', why)) };
}

function ask(command: string, asked: readonly string[], timeoutMs: number): Promise<ToolAnswer> {
  return runTool(command, [`--query-gpu=${asked.join(',')}`, '--format=csv,noheader,nounits'], timeoutMs);
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
    vendor: 'nvidia',
    name: wordOf(name, /^[^[]/),
    vramSource: 'nvidia-smi',
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
