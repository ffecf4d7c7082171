import { readdir, readFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import si from 'systeminformation';
import type { Gpu, NotKnown } from '../../../shared/machine.ts';
import { type Collected, oneLine, unknownFact, within } from './collected.ts';
import { collectNvidia } from './nvidia.ts';

/** One display device on the PCI bus, as `/sys/bus/pci/devices/<address>/` tells it. */
export interface PciDevice {
  class: string;
  vendor: string;
  /** amdgpu's own counters; empty where the driver has none. */
  vramTotal: string;
  vramUsed: string;
}

const vendors: Record<string, Gpu['vendor']> = { '0x10de': 'nvidia', '0x1002': 'amd', '0x8086': 'intel' };
const noFigure = { vramTotalBytes: null, vramFreeBytes: null, isVramTrusted: false } as const;

/** The GPUs among PCI devices: display class (0x03), from a maker whose GPUs compute. Memory only from amdgpu's counters. */
export function gpusFromPci(devices: PciDevice[]): Gpu[] {
  return devices.flatMap((device) => {
    const vendor = vendors[device.vendor.trim()];
    if (!vendor || !device.class.trim().startsWith('0x03')) return [];
    const total = countOf(device.vramTotal);
    const used = countOf(device.vramUsed);
    if (vendor !== 'amd' || total === null) return [bareGpu(vendor, null)];
    const free = used !== null && used <= total ? total - used : null;
    return [
      {
        ...bareGpu(vendor, null),
        vramSource: 'amdgpu',
        isVramTrusted: true,
        vramTotalBytes: total,
        vramFreeBytes: free,
      },
    ];
  });
}

/**
 * GPUs as systeminformation tells them. Its memory figures are kept but not trusted: 4,095 MB is all that a 32-bit field can
 * hold, 256 MB is a window on the bus (systeminformation issues 344, 406 and 170).
 */
export function gpusFromLibrary(
  controllers: si.Systeminformation.GraphicsControllerData[],
  isAppleSilicon: boolean,
): Gpu[] {
  return controllers.slice(0, 64).flatMap((one): Gpu[] => {
    const vendor = vendorOf(`${one.vendor} ${one.model}`);
    if (vendor === 'other') return [];
    const bare = bareGpu(vendor, oneLine(one.model) || null);
    if (vendor === 'apple' && isAppleSilicon) return [{ ...bare, vramSource: 'unified' as const }];
    const vram = one.vram !== null && Number.isSafeInteger(one.vram) && one.vram > 0 ? one.vram * 1024 * 1024 : null;
    return [{ ...bare, vramSource: 'systeminformation' as const, vramTotalBytes: vram }];
  });
}

/** Looks for GPUs: what the NVIDIA driver says, and what is on the bus but has no driver that speaks. */
export async function collectGpus(timeoutMs: number, nvidiaSmi = 'nvidia-smi'): Promise<Collected<Gpu[]>> {
  const [nvidia, others] = await Promise.all([collectNvidia(timeoutMs, nvidiaSmi), otherGpus(timeoutMs)]);
  const spoken = nvidia.facts ?? [];
  const silent = others.filter((gpu) => gpu.vendor === 'nvidia').slice(spoken.length);
  const notKnown: NotKnown[] = [...nvidia.notKnown];
  if (silent.length > 0 && notKnown.length === 0) {
    const why = nvidia.facts
      ? `${spoken.length + silent.length} NVIDIA devices are on the PCI bus, nvidia-smi shows ${spoken.length}.`
      : 'An NVIDIA device is on the PCI bus, but nvidia-smi is not installed.';
    notKnown.push(unknownFact('gpus', why));
  }
  return { facts: [...spoken, ...silent, ...others.filter((gpu) => gpu.vendor !== 'nvidia')], notKnown };
}

async function otherGpus(timeoutMs: number): Promise<Gpu[]> {
  if (platform() === 'linux') return gpusFromPci((await within(timeoutMs, pciDevices())) ?? []);
  // Not on Linux: there the library starts tools that it waits for without a limit, and all of Sealift with it.
  const graphics = await within(timeoutMs, si.graphics());
  return gpusFromLibrary(graphics?.controllers ?? [], platform() === 'darwin' && arch() === 'arm64');
}

async function pciDevices(root = '/sys/bus/pci/devices'): Promise<PciDevice[]> {
  const names = await readdir(root).catch(() => []);
  return Promise.all(
    names.sort().map(async (name) => {
      const text = (file: string) => readFile(join(root, name, file), 'utf8').catch(() => '');
      const [kind, vendor, vramTotal, vramUsed] = await Promise.all(
        ['class', 'vendor', 'mem_info_vram_total', 'mem_info_vram_used'].map(text),
      );
      return { class: kind ?? '', vendor: vendor ?? '', vramTotal: vramTotal ?? '', vramUsed: vramUsed ?? '' };
    }),
  );
}

function bareGpu(vendor: Gpu['vendor'], name: string | null): Gpu {
  return {
    vendor,
    name,
    vramSource: 'none',
    ...noFigure,
    driverVersion: null,
    computeCapability: null,
    isMigEnabled: null,
  };
}

function vendorOf(text: string): Gpu['vendor'] {
  if (/nvidia/i.test(text)) return 'nvidia';
  if (/\b(amd|ati|advanced micro devices|radeon)\b/i.test(text)) return 'amd';
  if (/intel/i.test(text)) return 'intel';
  return /apple/i.test(text) ? 'apple' : 'other';
}

function countOf(text: string): number | null {
  return /^\d{1,15}\s*$/.test(text) ? Number(text) : null;
}
