import { z } from 'zod';
import { hexDigest } from '../../../shared/digest.ts';
import { readCatalog } from '../settings/read-catalog.ts';
import { variantGpu } from './variant-gpu.ts';

const variant = z.strictObject({
  gpu: variantGpu,
  /** Of the file set that it travels in. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  platform: z.string().min(1),
  /** Node's name for the processor. */
  architecture: z.string().min(1),
  /** The oldest CUDA version of a driver that it runs with. */
  cuda: z.number().positive().optional(),
  /** What it expects on the machine. */
  needs: z.string().min(1),
  licence: z.string().min(1),
  packages: z
    .array(
      z.strictObject({
        name: z.string().regex(/^@node-llama-cpp\/[a-z0-9-]+$/),
        /** Needed only with a driver for a CUDA version below this one. */
        belowCuda: z.number().positive().optional(),
        url: z.url({ protocol: /^https$/ }),
        bytes: z.int().positive(),
        sha256: hexDigest,
        /** What npm publishes about the file. */
        integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/),
      }),
    )
    .min(1),
});
/** llama.cpp built for one kind of GPU. */
export type LlamaVariant = z.infer<typeof variant>;

const variantCatalog = z.strictObject({
  version: z.literal(1),
  /** The version of node-llama-cpp that they belong to. */
  release: z.string().min(1),
  source: z.string().min(3),
  /** In the order in which the engine tries them. */
  variants: z.array(variant).min(1),
});
export type VariantCatalog = z.infer<typeof variantCatalog>;

/** Reads `catalog/llama-variants.yaml` below the app's resources. Throws `catalog.damaged`. */
export function loadVariants(resources: string): Promise<VariantCatalog> {
  return readCatalog(resources, 'llama-variants.yaml', variantCatalog);
}

/** Returns the variants for a platform and a processor, by Node's names, in the order in which the engine tries them. */
export function variantsOn({ variants }: VariantCatalog, platform: string, architecture: string): LlamaVariant[] {
  return variants.filter((one) => one.platform === platform && one.architecture === architecture);
}
