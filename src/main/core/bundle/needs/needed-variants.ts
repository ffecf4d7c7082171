import type { FilesSpec } from '../../../../shared/bundle-spec.ts';
import type { NeededContent } from '../../../../shared/contract/needs.ts';
import type { Gpu } from '../../../../shared/machine.ts';
import { type LlamaVariant, variantsOn } from '../../catalog/llama-variants.ts';
import { gpuNames } from '../../catalog/variant-gpu.ts';
import type { NeedsQuestion } from './needs-question.ts';

/** A build of llama.cpp for a GPU of the site's machine. */
export interface NeededVariant {
  entry: FilesSpec;
  about: NeededContent;
}

/**
 * Returns the builds of llama.cpp for the GPUs of the machine, for a site that uses the embedded engine: CUDA for a driver that is new enough,
 * and Vulkan, which needs less. The engine takes the first one that finds a device.
 */
export function neededVariants({ site, machine, variants }: NeedsQuestion): NeededVariant[] {
  if (site.engine !== 'llamacpp' || !machine || machine.gpus.length === 0) return [];
  const { gpus, os, cpu } = machine;
  return variantsOn(variants, os.platform, cpu.architecture).flatMap((variant) => {
    const fitting = gpus.find((one) => isFor(variant, one));
    return fitting ? [neededVariant(variant, fitting, variants.source)] : [];
  });
}

function isFor({ cuda }: LlamaVariant, { vendor, cudaVersion }: Gpu): boolean {
  if (cuda === undefined) return true;
  return vendor === 'nvidia' && Number.parseFloat(cudaVersion ?? '') >= cuda;
}

function neededVariant(
  { name, gpu, licence, needs, packages }: LlamaVariant,
  device: Gpu,
  source: string,
): NeededVariant {
  const driver = Number.parseFloat(device.cudaVersion ?? '');
  const taken = packages.filter(({ belowCuda }) => belowCuda === undefined || driver < belowCuda);
  const urls = taken.map(({ url, sha256 }) => ({ url, sha256 }));
  const of = device.name ?? `a GPU of ${device.vendor}`;
  const forDriver = gpu === 'cuda' ? `, whose driver supports CUDA ${device.cudaVersion}` : '';
  return {
    entry: { kind: 'files', name, paths: [], urls, charts: [], licence },
    about: {
      ...{ kind: 'files', name, title: `llama.cpp for ${gpuNames[gpu]}` },
      why: [
        `The machine has ${of}${forDriver}. The embedded engine uses this if it finds a device with it, else the CPU.`,
        `It needs ${needs}.`,
      ],
      ...{ bytes: taken.reduce((sum, one) => sum + one.bytes, 0), licence, source },
    },
  };
}
