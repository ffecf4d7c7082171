import { z } from 'zod';
import type { Gpu } from '../../../shared/machine.ts';
import type { ToolAnswer } from '../processes/run-tool.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import type { SystemView } from './system-view.ts';

/** What one of AMD's tools reports about one GPU. */
export interface AmdReading {
  name: string | null;
  driverVersion: string | null;
  totalBytes: number | null;
  usedBytes: number | null;
}

const word = z.string().nullish().catch(null);
const rocmCard = z.looseObject({
  'Card Series': word,
  'Card series': word,
  'Device Name': word,
  'VRAM Total Memory (B)': word,
  'VRAM Total Used Memory (B)': word,
});
const amount = z.object({ value: z.number(), unit: z.string() }).nullish().catch(null);
const amdCard = z.object({
  asic: z.object({ market_name: word }).nullish().catch(null),
  driver: z.object({ version: word, driver_version: word }).nullish().catch(null),
  vram: z.object({ size: amount, vram_size: amount }).nullish().catch(null),
});

/** Reads `rocm-smi --json`: an object with `card0`, `card1`, … and, if the driver was requested, `system`. Returns none for anything else. */
export function parseRocmSmi(text: string): AmdReading[] {
  const data = z.record(z.string(), z.unknown()).safeParse(json(text)).data ?? {};
  const system = z.object({ 'Driver version': word }).safeParse(data.system).data;
  const cards = Object.keys(data)
    .filter((key) => /^card\d{1,3}$/.test(key))
    .sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
  return cards.slice(0, 64).map((key) => {
    const card = rocmCard.safeParse(data[key]).data;
    const name = card?.['Card Series'] ?? card?.['Card series'] ?? card?.['Device Name'];
    return {
      name: nameOf(name),
      driverVersion: nameOf(system?.['Driver version']),
      totalBytes: count(card?.['VRAM Total Memory (B)']),
      usedBytes: count(card?.['VRAM Total Used Memory (B)']),
    };
  });
}

/** Reads `amd-smi static --json`: a list, since ROCm 7 in `gpu_data`. Its MB are MiB. Returns none for anything else. */
export function parseAmdSmi(text: string): AmdReading[] {
  const data = json(text);
  const list = Array.isArray(data) ? data : z.object({ gpu_data: z.array(z.unknown()) }).safeParse(data).data?.gpu_data;
  return (list ?? []).slice(0, 64).map((one) => {
    const card = amdCard.safeParse(one).data;
    const size = card?.vram?.size ?? card?.vram?.vram_size;
    return {
      name: nameOf(card?.asic?.market_name),
      driverVersion: nameOf(card?.driver?.version ?? card?.driver?.driver_version),
      totalBytes: size?.unit === 'MB' && Number.isSafeInteger(size.value) ? size.value * 1024 * 1024 : null,
      usedBytes: null,
    };
  });
}

/** Adds to AMD GPUs what rocm-smi, otherwise amd-smi, reports. The driver's own counters are kept; the tools only fill gaps. */
export async function withAmdTools(view: SystemView, gpus: Gpu[]): Promise<Gpu[]> {
  const amd = gpus.filter((gpu) => gpu.vendor === 'amd');
  if (amd.length === 0) return gpus;
  const asked = ['--showproductname', '--showmeminfo', 'vram', '--showdriverversion', '--json'];
  const rocm = readingsOf(await view.tool('rocm-smi', asked), parseRocmSmi);
  const source = rocm.length > 0 ? 'rocm-smi' : 'amd-smi';
  const answers =
    rocm.length > 0
      ? rocm
      : readingsOf(await view.tool('amd-smi', ['static', '--asic', '--vram', '--driver', '--json']), parseAmdSmi);
  // Answers about a different number of GPUs cannot be matched by their order.
  if (answers.length !== amd.length) return gpus;
  let next = 0;
  return gpus.map((gpu) => (gpu.vendor === 'amd' ? joined(gpu, answers[next++], source) : gpu));
}

function readingsOf(answer: ToolAnswer, parse: (text: string) => AmdReading[]): AmdReading[] {
  return answer.kind === 'ok' ? parse(answer.stdout) : [];
}

function joined(gpu: Gpu, reading: AmdReading | undefined, source: 'rocm-smi' | 'amd-smi'): Gpu {
  if (!reading) return gpu;
  const named = { ...gpu, name: gpu.name ?? reading.name, driverVersion: reading.driverVersion };
  const { totalBytes, usedBytes } = reading;
  if (gpu.vramTotalBytes !== null || totalBytes === null) return named;
  const vramFreeBytes = usedBytes !== null && usedBytes <= totalBytes ? totalBytes - usedBytes : null;
  return { ...named, vramSource: source, isVramTrusted: true, vramTotalBytes: totalBytes, vramFreeBytes };
}

function nameOf(text: string | null | undefined): string | null {
  return text && !/^(n\/a|unknown)$/i.test(text) ? firstShownLine(text) : null;
}

function count(text: string | null | undefined): number | null {
  return text && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function json(text: string): unknown {
  try {
    // Warnings may precede it.
    return JSON.parse(text.slice(Math.max(0, text.search(/[[{]/))));
  } catch {
    return undefined;
  }
}
