import type si from 'systeminformation';
import type { Gpu, GpuLink, GpuMask, NotKnown } from '../../../shared/machine.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import { withAmdTools } from './amd-tools.ts';
import { bareGpu } from './bare-gpu.ts';
import { type Collected, unknownFact } from './collected.ts';
import { gpuMasks } from './gpu-masks.ts';
import type { GpuCatalog, UnifiedChip } from './hardware-catalog.ts';
import { collectNvidia } from './nvidia.ts';
import { pciGpus } from './pci-gpus.ts';
import type { SystemView } from './system-view.ts';
import { markUnified } from './unified-chips.ts';
import { withRegistryMemory } from './windows-gpus.ts';

/** The GPUs that were found. `links` are indexes into `gpus`, `messages` what the driver's tool printed besides them. */
export interface GpuFacts {
  messages: string[];
  gpus: Gpu[];
  links: GpuLink[];
  masks: GpuMask[];
}

/**
 * Returns GPUs as systeminformation reports them. Its memory figures are kept but not trusted: 4,095 MB is the most that a 32-bit field can
 * hold, and 256 MB is a window on the bus (systeminformation issues 344, 406 and 170).
 */
export function gpusFromLibrary(
  controllers: si.Systeminformation.GraphicsControllerData[],
  isAppleSilicon: boolean,
): Gpu[] {
  return controllers.slice(0, 64).flatMap((one): Gpu[] => {
    const vendor = vendorOf(`${one.vendor} ${one.model}`);
    if (vendor === 'other') return [];
    const bare = bareGpu(vendor, firstShownLine(one.model) || null);
    if (vendor === 'apple' && isAppleSilicon) return [{ ...bare, vramSource: 'unified', isIntegrated: true }];
    const vram = one.vram !== null && Number.isSafeInteger(one.vram) && one.vram > 0 ? one.vram * 1024 * 1024 : null;
    return [{ ...bare, vramSource: 'systeminformation', vramTotalBytes: vram }];
  });
}

/**
 * Looks for GPUs: those that the NVIDIA driver reports, and those on the bus without a responding driver. GPUs of the chips that share the
 * machine's memory are marked.
 */
export async function collectGpus(
  view: SystemView,
  { unifiedChips: chips, driverMessages }: GpuCatalog,
  nvidiaSmi?: string[],
): Promise<Collected<GpuFacts>> {
  const [nvidia, others, board] = await Promise.all([
    collectNvidia(view, nvidiaSmi),
    otherGpus(view, chips),
    view.text('/proc/device-tree/model'),
  ]);
  const masks = gpuMasks(view.env);
  const spoken = nvidia.facts?.gpus ?? [];
  const wholeCount = spoken.filter((gpu) => gpu.migProfile === null).length;
  const silent = others.filter((gpu) => gpu.vendor === 'nvidia').slice(wholeCount);
  const hidden = isGivenBy(masks, wholeCount) ? [] : silent;
  const notKnown: NotKnown[] = [...nvidia.notKnown];
  const messages = nvidia.facts?.messages ?? [];
  // A message about a lost GPU already explains why it is not listed.
  const lost = driverMessages.filter((row) => row.gpuIs === 'lost');
  const lostCount = messages.filter((text) => lost.some((row) => row.pattern.test(text))).length;
  if (hidden.length > lostCount && notKnown.length === 0)
    notKnown.push(silentDevices(nvidia.facts !== null, wholeCount, hidden));
  const rest = others.filter((gpu) => gpu.vendor !== 'nvidia');
  const gpus = [...spoken, ...hidden, ...(spoken.length === 0 ? jetson(board) : []), ...rest].slice(0, 64);
  const marked = gpus.map((gpu) => markUnified(gpu, chips));
  return { facts: { gpus: marked, messages, links: nvidia.facts?.links ?? [], masks }, notKnown };
}

/** A container with some of the machine's GPUs sees all of them on the bus, but only its own in the tool. */
function isGivenBy(masks: GpuMask[], shownCount: number): boolean {
  return masks.some((one) => one.variable === 'NVIDIA_VISIBLE_DEVICES' && one.visible === shownCount);
}

function silentDevices(hasTool: boolean, shownCount: number, silent: Gpu[]): NotKnown {
  const why = hasTool
    ? `This machine has ${shownCount + silent.length} NVIDIA devices, but nvidia-smi shows ${shownCount}.`
    : 'This machine has an NVIDIA device, but nvidia-smi is not installed.';
  return unknownFact('gpus', why);
}

async function otherGpus(view: SystemView, chips: readonly UnifiedChip[]): Promise<Gpu[]> {
  if (view.platform === 'linux') return withAmdTools(view, await pciGpus(view, chips));
  const graphics = await view.library.graphics();
  const isAppleSilicon = view.platform === 'darwin' && view.architecture === 'arm64';
  const gpus = gpusFromLibrary(graphics?.controllers ?? [], isAppleSilicon);
  return view.platform === 'win32' ? withRegistryMemory(view, gpus) : gpus;
}

/** Jetson boards have no GPU on a bus and, before JetPack 6, no nvidia-smi, so only the board's name identifies them. */
function jetson(board: string | undefined): Gpu[] {
  const name = firstShownLine((board ?? '').replaceAll('\0', ''));
  return /jetson/i.test(name) ? [{ ...bareGpu('nvidia', name), vramSource: 'unified', isIntegrated: true }] : [];
}

function vendorOf(text: string): Gpu['vendor'] {
  if (/nvidia/i.test(text)) return 'nvidia';
  if (/\b(amd|ati|advanced micro devices|radeon)\b/i.test(text)) return 'amd';
  if (/intel/i.test(text)) return 'intel';
  return /apple/i.test(text) ? 'apple' : 'other';
}
