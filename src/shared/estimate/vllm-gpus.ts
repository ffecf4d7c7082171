import { isCountable } from '../countable-gpu.ts';
import { gpuName } from '../gpu-name.ts';
import type { Gpu, GpuLink } from '../machine.ts';
import type { Device } from './device.ts';

/** The GPUs of a machine and the links between them, by index in `gpus`. */
export interface FoundGpus {
  gpus: readonly Gpu[];
  links: readonly GpuLink[];
}

/** No GPUs, because none were found or the machine was not examined. */
export const noGpus: FoundGpus = { gpus: [], links: [] };

/** GPUs of a machine that vLLM could share a model over. */
export interface VllmGpus {
  /** All from one vendor. */
  devices: Device[];
  vendor: 'nvidia' | 'amd' | null;
  /** What had to be left out or is unknown, one sentence each. */
  notes: string[];
}

/* vLLM documentation, Installation (GPU): compute capability 7.0 or higher. */
const leastCapability = 7;
/* The example in vLLM's documentation of a GPU without NVLink (Parallelism and Scaling). Others are not known here. */
const withoutNvlink = /\bL40S\b/i;

/**
 * Returns the GPUs that vLLM can use: NVIDIA first, AMD only with an image for ROCm. Instances of a split GPU (MIG) cannot be combined, so
 * only one is used, and only if there is no whole GPU.
 */
export function vllmGpus({ gpus, links }: FoundGpus, hasRocmImage = false): VllmGpus {
  const countable = gpus.flatMap((gpu, index) => (isCountable(gpu) ? [{ gpu, index }] : []));
  const amd = countable.filter(({ gpu }) => gpu.vendor === 'amd');
  const { able, notes } = ableNvidia(gpus, countable);
  if (able.length > 0) {
    const taken = leftOut(amd.length, 'vLLM uses GPUs of one vendor only, and NVIDIA is preferred.');
    return { devices: able.map(deviceOf), vendor: 'nvidia', notes: [...notes, ...taken, ...linkNotes(able, links)] };
  }
  if (amd.length === 0) return { devices: [], vendor: null, notes };
  if (!hasRocmImage) {
    const why = 'vLLM needs an image for ROCm to run on AMD, and none was given.';
    return { devices: [], vendor: null, notes: [...notes, ...leftOut(amd.length, why)] };
  }
  const rocm = 'vLLM needs an image for ROCm to run on AMD.';
  return { devices: amd.map(deviceOf), vendor: 'amd', notes: [...notes, rocm] };
}

interface Placed {
  gpu: Gpu;
  index: number;
}

/** Returns the whole NVIDIA GPUs that vLLM supports, or otherwise one instance of a split one; with notes on what is left out. */
function ableNvidia(gpus: readonly Gpu[], countable: readonly Placed[]): { able: Placed[]; notes: string[] } {
  const nvidia = countable.filter(({ gpu }) => gpu.vendor === 'nvidia');
  const modern = nvidia.filter(({ gpu }) => (capabilityOf(gpu) ?? leastCapability) >= leastCapability);
  const whole = modern.filter(({ gpu }) => gpu.migProfile === null);
  const able = whole.length > 0 ? whole : modern.slice(0, 1);
  const split = gpus.filter((one) => one.isMigEnabled === true || (isIn(modern, one) && !isIn(able, one)));
  return {
    able,
    notes: [
      ...leftOut(split.length, 'MIG splits GPUs into instances, and vLLM cannot combine instances for one model.'),
      ...leftOut(nvidia.length - modern.length, `vLLM needs compute capability ${leastCapability}.0.`),
    ],
  };
}

function leftOut(count: number, why: string): string[] {
  return count === 0 ? [] : [`${count === 1 ? '1 GPU is' : `${count} GPUs are`} left out: ${why}`];
}

/** Returns the compute capability as a number; undefined if unknown. */
function capabilityOf({ computeCapability }: Gpu): number | undefined {
  const value = Number.parseFloat(computeCapability ?? '');
  return Number.isFinite(value) ? value : undefined;
}

function isIn(some: readonly Placed[], one: Gpu): boolean {
  return some.some(({ gpu }) => gpu === one);
}

function linkNotes(able: readonly Placed[], links: readonly GpuLink[]): string[] {
  if (able.length < 2) return [];
  const places = able.map((one) => one.index);
  const between = links.filter((one) => one.from !== one.to && places.includes(one.from) && places.includes(one.to));
  if (between.length === 0 && !able.some(({ gpu }) => withoutNvlink.test(gpu.name ?? '')))
    return ['It is unknown whether NVLink connects these GPUs. Tensor parallel is slower over PCIe alone.'];
  if (between.length > 0 && between.every((one) => one.link.startsWith('NV'))) return ['NVLink connects these GPUs.'];
  return [
    'NVLink does not connect all of these GPUs, so tensor parallel uses PCIe. If it is slow, try pipelineParallel in site.yaml, as vLLM advises; GitLab’s own recipe for 2x L40S uses tensor parallel 2.',
  ];
}

function deviceOf({ gpu, index }: Placed): Device {
  const capability = capabilityOf(gpu);
  return {
    name: gpu.name ? `GPU ${index}, ${gpuName(gpu)}` : `GPU ${index}`,
    kind: 'gpu',
    index,
    capacityBytes: gpu.vramTotalBytes ?? 0,
    ...(gpu.vramFreeBytes !== null && { freeBytes: gpu.vramFreeBytes }),
    ...((gpu.vendor === 'nvidia' || gpu.vendor === 'amd') && { vendor: gpu.vendor }),
    ...(capability !== undefined && { computeCapability: capability }),
  };
}
