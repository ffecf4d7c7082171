import { z } from 'zod';

/** The interfaces to a GPU that variants of llama.cpp are built for. */
export const variantGpu = z.enum(['cuda', 'vulkan']);
export type VariantGpu = z.infer<typeof variantGpu>;

/** Their names in texts. */
export const gpuNames: Record<VariantGpu, string> = { cuda: 'CUDA', vulkan: 'Vulkan' };
