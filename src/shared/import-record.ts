import { z } from 'zod';

const file = z.object({ path: z.string(), sha256: z.string(), sizeBytes: z.int() });

/** `store/imports/<bundle id>.json`: what one bundle brought, kept for deploy and report. Written when the import is complete. */
export const importRecord = z.object({
  version: z.literal(1),
  /** The largest is the newest of its store. A clock may be set back between two imports; records without it are older than all others. */
  sequence: z.int().optional(),
  bundle: z.object({
    id: z.string(),
    name: z.string(),
    headSha256: z.string(),
    created: z.iso.datetime(),
    toolVersion: z.string(),
  }),
  media: z.array(z.object({ ordinal: z.int(), label: z.string(), mediumSha256: z.string(), sizeBytes: z.int() })),
  signature: z.object({
    /** Empty when nobody signed (then `overridden`). */
    keyId: z.string(),
    /** `overridden`: imported although no trusted key signed; then `overrideReason` says why. */
    trust: z.enum(['trusted', 'overridden']),
    overrideReason: z.string().optional(),
  }),
  models: z.array(z.object({ name: z.string(), path: z.string(), manifestDigest: z.string(), files: z.array(file) })),
  files: z.array(z.object({ name: z.string(), path: z.string(), manifestDigest: z.string(), files: z.array(file) })),
  images: z.array(z.object({ reference: z.string(), digest: z.string(), imageId: z.string(), path: z.string() })),
  /** What the bundle carries but was not imported, and why. */
  leftOut: z.array(z.object({ kind: z.string(), name: z.string(), digest: z.string(), reason: z.string() })).optional(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  bytesRead: z.int(),
  bytesWritten: z.int(),
  resumedBytes: z.int(),
});
export type ImportRecord = z.infer<typeof importRecord>;
