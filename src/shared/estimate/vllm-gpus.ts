import { isCountable } from '../countable-gpu.ts';
import { gpuName } from '../gpu-name.ts';
import type { Gpu, GpuLink } from '../machine.ts';
import type { Device } from './device.ts';

/** The GPUs of a machine and the links between them, by their places in `gpus`. */
export interface FoundGpus {
  gpus: readonly Gpu[];
  links: readonly GpuLink[];
}

/** Nothing was found, or nobody looked. */
export const noGpus: FoundGpus = { gpus: [], links: [] };

/** GPUs of a machine that vLLM could share a model over. */
export interface VllmGpus {
  /** Of one maker. */
  devices: Device[];
  vendor: 'nvidia' | 'amd' | null;
  /** What had to be left out, or is not known; one sentence each. */
  notes: string[];
}

/* vLLM documentation, Installation (GPU): compute capability 7.0 or higher. */
const leastCapability = 7;
/* The example of vLLM's documentation for GPUs without NVLink (Parallelism and Scaling). Of others it is not known here. */
const withoutNvlink = /\bL40S\b/i;

/**
 * The GPUs that vLLM can use: NVIDIA's first; AMD's only with an image for ROCm. Instances of a split GPU (MIG) cannot be joined: one
 * is taken where there are no whole GPUs.
 */
export function vllmGpus({ gpus, links }: FoundGpus, hasRocmImage = false): VllmGpus {
  const countable = gpus.flatMap((gpu, index) => (isCountable(gpu) ? [{ gpu, index }] : []));
  const amd = countable.filter(({ gpu }) => gpu.vendor === 'amd' && gpu.isIntegrated !== true);
  const { able, notes } = ableNvidia(gpus, countable);
  if (able.length > 0) {
    const taken = leftOut(amd.length, 'one vLLM serves GPUs of one maker, and NVIDIA is taken.');
    return { devices: able.map(deviceOf), vendor: 'nvidia', notes: [...notes, ...taken, ...linkNotes(able, links)] };
  }
  if (amd.length === 0) return { devices: [], vendor: null, notes };
  if (!hasRocmImage) {
    const why = 'vLLM runs on AMD only from an image for ROCm, and none was named.';
    return { devices: [], vendor: null, notes: [...notes, ...leftOut(amd.length, why)] };
  }
  const rocm = 'vLLM runs on AMD only from an image for ROCm.';
  return { devices: amd.map(deviceOf), vendor: 'amd', notes: [...notes, rocm] };
}

interface Placed {
  gpu: Gpu;
  index: number;
}

/** NVIDIA's whole GPUs that vLLM runs on, else one instance of a split one; with what is left out. */
function ableNvidia(gpus: readonly Gpu[], countable: readonly Placed[]): { able: Placed[]; notes: string[] } {
  const nvidia = countable.filter(({ gpu }) => gpu.vendor === 'nvidia');
  const modern = nvidia.filter(({ gpu }) => (capabilityOf(gpu) ?? leastCapability) >= leastCapability);
  const whole = modern.filter(({ gpu }) => gpu.migProfile === null);
  const able = whole.length > 0 ? whole : modern.slice(0, 1);
  const split = gpus.filter((one) => one.isMigEnabled === true || (isIn(modern, one) && !isIn(able, one)));
  return {
    able,
    notes: [
      ...leftOut(split.length, 'MIG cuts GPUs into instances, and vLLM cannot join instances to one model.'),
      ...leftOut(nvidia.length - modern.length, `vLLM needs compute capability ${leastCapability}.0.`),
    ],
  };
}

function leftOut(count: number, why: string): string[] {
  return count === 0 ? [] : [`${count === 1 ? '1 GPU is' : `${count} GPUs are`} left out: ${why}`];
}

/** Compute capability as a number; undefined when nobody told. */
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
    return ['Whether NVLink joins these GPUs is not known. Over PCIe alone tensor parallel is slower.'];
  if (between.length > 0 && between.every((one) => one.link.startsWith('NV'))) return ['NVLink joins these GPUs.'];
  return [
    'NVLink does not join all of these GPUs: tensor parallel speaks over PCIe. When it is slow, try pipelineParallel in site.yaml, as vLLM advises; GitLab’s own recipe for 2x L40S takes tensor parallel 2.',
  ];
}

function deviceOf({ gpu, index }: Placed): Device {
  const capability = capabilityOf(gpu);
  return {
    name: gpu.name ? `GPU ${index}, ${gpuName(gpu)}` : `GPU ${index}`,
    kind: 'gpu',
    capacityBytes: gpu.vramTotalBytes ?? 0,
    ...(gpu.vramFreeBytes !== null && { freeBytes: gpu.vramFreeBytes }),
    ...((gpu.vendor === 'nvidia' || gpu.vendor === 'amd') && { vendor: gpu.vendor }),
    ...(capability !== undefined && { computeCapability: capability }),
  };
}
