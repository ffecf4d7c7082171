import { z } from 'zod';
import { bundleEvidence } from '../../../shared/bundle-evidence.ts';
import { carriedPackages } from '../../../shared/carried-packages.ts';
import { digest, hexDigest } from '../../../shared/digest.ts';

const file = z.object({ path: z.string(), sha256: hexDigest, sizeBytes: z.int() });

/** `store/imports/<bundle id>.json`: what was imported from one bundle, for deploy and report. Written once the import is complete. */
export const importRecord = z.object({
  version: z.literal(1),
  /** The largest number in a store is the newest record. (Clocks may be set back between imports.) Records without one are the oldest. */
  sequence: z.int().optional(),
  bundle: z.object({
    id: z.string(),
    name: z.string(),
    headSha256: z.string(),
    created: z.iso.datetime(),
    toolVersion: z.string(),
    ...bundleEvidence.shape,
  }),
  media: z.array(z.object({ ordinal: z.int(), label: z.string(), mediumSha256: z.string(), sizeBytes: z.int() })),
  signature: z.object({
    /** Empty for an unsigned bundle (then `overridden`). */
    keyId: z.string(),
    /** `overridden`: imported without a signature by a trusted key, for `overrideReason`. */
    trust: z.enum(['trusted', 'overridden']),
    overrideReason: z.string().optional(),
    /** The key of a second person who signed the bundle; only a trusted one. */
    secondKeyId: z.string().optional(),
  }),
  /** The newer bundle that had been imported before, when the import of this older one was allowed. */
  olderThan: z.object({ id: z.string(), name: z.string(), created: z.iso.datetime() }).optional(),
  /** Of a bundle that carried only what this lacked: the earlier bundle or the inventory, and the blobs that were taken from the store and the engine. */
  base: z
    .object({
      kind: z.enum(['bundle', 'inventory']),
      name: z.string().optional(),
      created: z.iso.datetime(),
      leftOutBlobs: z.int(),
    })
    .optional(),
  /** Labels of the media that were damaged, and of which blocks came from a repair. */
  repairedMedia: z.array(z.string()).optional(),
  models: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      manifestDigest: digest,
      files: z.array(file),
      /** The file that a server opens. Missing for safetensors, and in records of older versions. */
      served: z.string().optional(),
      /** Why it was packed although no engine can load it as it is, and what the packer found. */
      packedAnyway: z.object({ reason: z.string(), problem: z.string() }).optional(),
    }),
  ),
  files: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      manifestDigest: digest,
      files: z.array(file),
      /** What the packages among them install, and on which distribution. */
      packages: carriedPackages.optional(),
    }),
  ),
  images: z.array(
    z.object({
      reference: z.string(),
      digest,
      imageId: z.string(),
      path: z.string(),
      /** When Sealift removed it from the engine again, together with a site. */
      removedAt: z.iso.datetime().optional(),
    }),
  ),
  /** Contents of the bundle that were not imported, and why. */
  leftOut: z.array(z.object({ kind: z.string(), name: z.string(), digest, reason: z.string() })).optional(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  bytesRead: z.int(),
  bytesWritten: z.int(),
  resumedBytes: z.int(),
});
export type ImportRecord = z.infer<typeof importRecord>;
