import { z } from 'zod';
import { hexDigest } from '../../../../shared/digest.ts';
import { isPlainLine } from '../../../../shared/plain-text.ts';
import { blockBytes } from './format.ts';

/** The folder of an overlay: one file for each block that was brought again, named by its SHA-256 (hex). */
export const repairFolder = 'sealift-repair';
/** A larger file is no request: this is more than enough for a terabyte of damage. */
export const maxRequestBytes = 64 * 1024 * 1024;
/** A request for more blocks is none. */
export const maxRequestBlocks = 200_000;

/** The blocks of a bundle that are damaged on its media, as they should be. Where they are is for people. */
export const repairRequest = z.strictObject({
  kind: z.literal('sealift.repair-request'),
  version: z.literal(1),
  /** Id of the bundle. */
  bundle: z.string().regex(/^[0-9a-f]{32}$/),
  createdAt: z.iso.datetime(),
  blocks: z
    .array(
      z.strictObject({
        sha256: hexDigest,
        sizeBytes: z.int().min(1).max(blockBytes),
        medium: z.string().max(32).refine(isPlainLine, 'has characters that cannot be shown as they are'),
        path: z.string().max(255).refine(isPlainLine, 'has characters that cannot be shown as they are'),
        block: z.int().nonnegative(),
        /** Where the block begins in its whole blob; absent for other files, and where the parts before it are unknown. */
        blobOffsetBytes: z.int().nonnegative().optional(),
      }),
    )
    .min(1)
    .max(maxRequestBlocks),
});
export type RepairRequest = z.infer<typeof repairRequest>;
