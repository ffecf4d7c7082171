import { existsSync } from 'node:fs';
import type { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import type { gpuChoice } from '../../../shared/site-file.ts';
import type { GpuAccess } from './container-spec.ts';

/** Facts that decide how a container can access GPUs. */
export interface GpuFacts {
  /** The answer of `docker info`. */
  info: Record<string, unknown>;
  isPodman: boolean;
  hasAmdDevices: boolean;
  /** True if the image contains ROCm, which AMD GPUs require. */
  isRocmImage: boolean;
}

type GpuChoice = z.infer<typeof gpuChoice>;

/**
 * Returns how a container gets its GPUs on this engine; undefined if it should run on the CPU. `auto` takes the first way available.
 * `numbers` names the GPUs that it gets; without them it gets all.
 * Throws `engine.no-gpu` if a GPU was requested and the engine offers none that the image can use, and `engine.podman-gpu` for a
 * GPU of NVIDIA on Podman: its Docker API ignores such a request without an error.
 */
export function gpuAccess(choice: GpuChoice, facts: GpuFacts, numbers?: readonly number[]): GpuAccess | undefined {
  if (choice === 'none') return undefined;
  if (facts.isPodman && choice !== 'amd' && !facts.isRocmImage) throw appError('engine.podman-gpu', { asked: choice });
  const only = numbers && { numbers: [...numbers] };
  const ways: Record<Exclude<GpuChoice, 'auto' | 'none'>, GpuAccess | undefined> = {
    nvidia: hasNvidiaRuntime(facts.info) ? { kind: 'nvidia-runtime', ...only } : undefined,
    cdi: hasCdi(facts.info) ? { kind: 'cdi', devices: cdiNames(numbers) } : undefined,
    amd: facts.hasAmdDevices && facts.isRocmImage ? { kind: 'amd-devices', ...only } : undefined,
  };
  const found = choice === 'auto' ? (facts.isRocmImage ? ways.amd : (ways.nvidia ?? ways.cdi)) : ways[choice];
  if (found) return found;
  throw appError('engine.no-gpu', { asked: choice, seen: seen(facts), isRocmImage: facts.isRocmImage });
}

function cdiNames(numbers: readonly number[] | undefined): string[] {
  return numbers ? numbers.map((one) => `nvidia.com/gpu=${one}`) : ['nvidia.com/gpu=all'];
}

/** True when AMD's compute driver offers its device files. */
export function hasAmdDevices(): boolean {
  return existsSync('/dev/kfd') && existsSync('/dev/dri');
}

function hasNvidiaRuntime(info: Record<string, unknown>): boolean {
  return typeof info.Runtimes === 'object' && info.Runtimes !== null && 'nvidia' in info.Runtimes;
}

// Docker 28.2 and later list the devices. 25 to 28.1 only report where they look for them.
function hasCdi(info: Record<string, unknown>): boolean {
  const devices = Array.isArray(info.DiscoveredDevices) ? info.DiscoveredDevices : [];
  return devices.some((one) => String((one as { ID?: unknown }).ID).startsWith('nvidia.com/gpu'));
}

function seen({ info, hasAmdDevices: amd }: GpuFacts): string {
  const runtimes = Object.keys((info.Runtimes as object | undefined) ?? {}).join(', ') || 'none';
  return `runtimes: ${runtimes}; CDI devices of NVIDIA: ${hasCdi(info) ? 'yes' : 'no'}; AMD device files: ${amd ? 'yes' : 'no'}`;
}
