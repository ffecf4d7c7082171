import { z } from 'zod';
import { job } from '../rpc/contract.ts';

const path = z.string().min(1).max(4096);
const bytes = z.int().nonnegative();
const kind = z.enum(['image', 'model', 'files']);
/** The least size of a part: smaller ones make more names than data. */
export const leastPartBytes = 64 * 1024;

const packInput = z.object({
  /** The `BUNDLE.yaml`. */
  spec: path,
  /** Folders to write to, one a medium. */
  to: z.array(path).min(1).max(999),
  /** Largest file; the default is just under 4 GiB. */
  partBytes: z.int().min(leastPartBytes).optional(),
  /** Largest medium; the default is the free space. */
  mediumBytes: z.int().positive().optional(),
  overwrite: z.boolean().default(false),
});

const planned = z.object({
  ordinal: z.int().positive(),
  label: z.string(),
  path: z.string(),
  /** Bytes of the sources that go there. */
  bytes,
  /** Files with bytes of the sources; what stands around them comes on top. */
  files: z.int().nonnegative(),
  freeBytes: bytes,
  filesystem: z.string(),
  contents: z.array(
    z.object({
      kind,
      name: z.string(),
      bytes,
      totalBytes: bytes,
      /** True for an image of an engine: it tells its size only while it is read. */
      isEstimate: z.boolean(),
    }),
  ),
});

/** What goes where; writes nothing. */
export const packPlan = job(
  'Planning a bundle',
  packInput,
  z.object({
    name: z.string(),
    media: z.array(planned),
    totalBytes: bytes,
    partBytes: bytes,
    unused: z.array(z.string()),
  }),
  { writes: false },
);

/** Packs a bundle onto media. `bytes` and `files` of a medium are those that it lists. */
export const pack = job(
  'Packing a bundle',
  packInput.extend({
    /** Name of a signing key, or a file with one; not needed when there is just one key. */
    key: path.optional(),
    /** Where to write a copy of the head. */
    head: path.optional(),
    readBack: z.boolean().default(true),
  }),
  z.object({
    id: z.string(),
    name: z.string(),
    fingerprint: z.string(),
    media: z.array(
      z.object({
        ordinal: z.int().positive(),
        label: z.string(),
        path: z.string(),
        bytes,
        files: z.int().nonnegative(),
      }),
    ),
    contents: z.array(z.object({ kind, name: z.string(), digest: z.string(), bytes })),
    bytesRead: bytes,
    bytesWritten: bytes,
    blocks: z.int().nonnegative(),
    partBytes: bytes,
    /** `direct`: read past the page cache; `cached`: from it, at least in part; `none`: not read back. */
    readBack: z.enum(['direct', 'cached', 'none']),
    bytesReadBack: bytes,
    durationMs: z.number().nonnegative(),
  }),
);
