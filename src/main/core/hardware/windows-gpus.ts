import type { Gpu } from '../../../shared/machine.ts';
import type { SystemView } from './system-view.ts';

const displayClass = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}';
const memoryValue = 'HardwareInformation.qwMemorySize';
/* No board has 16 TiB: a larger number is garbage. */
const maxBytes = 2 ** 44;

/** Parses the output of `reg query … /s /v NAME`: the value by its key. */
export function parseRegistry(text: string, name: string): Map<string, string> {
  const values = new Map<string, string>();
  let key = '';
  for (const line of text.split(/\r?\n/)) {
    if (/^HKEY_/.test(line)) key = line.trim();
    const match = /^\s+(\S+)\s+REG_\w+\s+(.+)$/.exec(line);
    if (match?.[1] === name && match[2] !== undefined) values.set(key, match[2].trim());
  }
  return values;
}

/** Puts the driver's 64-bit figure in place of an untrusted one, for each GPU whose name the registry has exactly once. */
export async function withRegistryMemory(view: SystemView, gpus: Gpu[]): Promise<Gpu[]> {
  const ask = async (name: string) => {
    const answer = await view.tool('reg', ['query', displayClass, '/s', '/v', name]);
    // It exits with 1 if some keys are not readable, after printing the others.
    const text = answer.kind === 'ok' ? answer.stdout : answer.kind === 'failed' ? answer.output : '';
    return parseRegistry(text, name);
  };
  const [names, sizes] = await Promise.all([ask('DriverDesc'), ask(memoryValue)]);
  return gpus.map((gpu) => {
    if (gpu.isVramTrusted) return gpu;
    const keys = [...names].filter(([, name]) => name === gpu.name).map(([key]) => key);
    const size = keys.length === 1 ? sizeOf(sizes.get(keys[0] ?? '')) : null;
    return size === null
      ? gpu
      : { ...gpu, vramSource: 'registry', isVramTrusted: true, vramTotalBytes: size, vramFreeBytes: null };
  });
}

function sizeOf(text: string | undefined): number | null {
  const size = /^0x[0-9a-f]{1,12}$/i.test(text ?? '') ? Number(text) : 0;
  return size > 0 && size <= maxBytes ? size : null;
}
