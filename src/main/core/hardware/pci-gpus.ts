import type { Gpu } from '../../../shared/machine.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import { bareGpu } from './bare-gpu.ts';
import type { UnifiedChip } from './hardware-catalog.ts';
import { numberOf } from './sysfs.ts';
import type { SystemView } from './system-view.ts';

const folder = '/sys/bus/pci/devices';
const vendors: Record<string, Gpu['vendor']> = { '0x10de': 'nvidia', '0x1002': 'amd', '0x8086': 'intel' };

/** The GPUs on the PCI bus: display class (0x03) or accelerator (0x12), from a maker whose GPUs compute. Includes memory if the driver reports it. */
export async function pciGpus(view: SystemView, chips: readonly UnifiedChip[]): Promise<Gpu[]> {
  const names = await view.names(folder);
  const found = await Promise.all(names.map((name) => gpuAt(view, `${folder}/${name}`, chips)));
  return found.flatMap((gpu) => gpu ?? []).slice(0, 64);
}

async function gpuAt(view: SystemView, device: string, chips: readonly UnifiedChip[]): Promise<Gpu | undefined> {
  const files = ['class', 'vendor', 'device'];
  const [kind, maker, model] = await Promise.all(files.map((file) => view.text(`${device}/${file}`)));
  const vendor = vendors[maker?.trim() ?? ''];
  if (!vendor || !/^0x(03|12)/.test(kind?.trim() ?? '')) return undefined;
  if (vendor === 'amd') {
    const chip = chips.find((one) => one.vendor === 'amd' && one.pciDevices.includes(model?.trim() ?? ''));
    return amdGpu(view, device, chip?.name);
  }
  // Intel has other accelerators that no model server can use.
  if (vendor === 'intel') return kind?.startsWith('0x03') ? intelGpu(view, device) : undefined;
  return kind?.startsWith('0x03') ? bareGpu(vendor, null) : undefined;
}

/** Returns what amdgpu's counters report (`mem_info_*`, kernel documentation of amdgpu). */
async function amdGpu(view: SystemView, device: string, chip: string | undefined): Promise<Gpu> {
  const read = (file: string) => view.text(`${device}/${file}`);
  const [totalText, usedText, shared, product, sensors] = await Promise.all([
    read('mem_info_vram_total'),
    read('mem_info_vram_used'),
    read('mem_info_gtt_total'),
    read('product_name'),
    view.names(`${device}/hwmon`),
  ]);
  const total = numberOf(totalText);
  const used = numberOf(usedText);
  const bare = { ...bareGpu('amd', firstShownLine(product ?? '') || (chip ?? null)), sharedBytes: numberOf(shared) };
  if (total === null) return bare;
  return {
    ...bare,
    vramSource: 'amdgpu',
    isVramTrusted: true,
    vramTotalBytes: total,
    vramFreeBytes: used !== null && used <= total ? total - used : null,
    isIntegrated: chip !== undefined || (await hasNorthBridge(view, device, sensors)),
  };
}

/** Only GPUs that are part of a processor have the voltage of a north bridge (kernel documentation, amdgpu, thermal: in1_input). */
async function hasNorthBridge(view: SystemView, device: string, sensors: string[]): Promise<boolean | null> {
  const [sensor] = sensors;
  return sensor === undefined ? null : (await view.names(`${device}/hwmon/${sensor}`)).includes('in1_input');
}

/** The xe driver reports the memory of each tile, Intel's own i915 builds that of the card; the kernel's i915 reports nothing. */
async function intelGpu(view: SystemView, device: string): Promise<Gpu> {
  const [entries, cards] = await Promise.all([view.names(device), view.names(`${device}/drm`)]);
  const files = [
    ...entries.filter((name) => /^tile\d$/.test(name)).map((name) => `${device}/${name}/physical_vram_size_bytes`),
    ...cards.filter((name) => /^card\d+$/.test(name)).map((name) => `${device}/drm/${name}/lmem_total_bytes`),
  ];
  const sizes = (await Promise.all(files.map(view.text))).map(numberOf).filter((size) => size !== null && size > 0);
  const bare = bareGpu('intel', null);
  if (sizes.length === 0) return bare;
  const vramTotalBytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  return { ...bare, vramSource: 'intel', isVramTrusted: true, vramTotalBytes, isIntegrated: false };
}
