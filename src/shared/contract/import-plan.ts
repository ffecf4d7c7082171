import { z } from 'zod';
import { finding } from '../finding.ts';
import { bundleSignature } from './bundle-read.ts';

const sizeBytes = z.int().nonnegative();

const plannedMedium = z.object({
  ordinal: z.int(),
  label: z.string(),
  /** Absent: not there now. */
  path: z.string().optional(),
  sizeBytes,
  /** False for a medium that is not there and holds nothing that is still missing. */
  isNeeded: z.boolean(),
});

const plannedContent = z.object({
  kind: z.enum(['image', 'model', 'files']),
  name: z.string(),
  digest: z.string(),
  licence: z.string().optional(),
  totalBytes: sizeBytes,
  /** Of these, what is in the store or in the engine already. */
  hereBytes: sizeBytes,
  /** The media that carry it, as far as they were seen. */
  ordinals: z.array(z.int()),
  /** The folder or the engine that it goes to; absent when it is left out. */
  target: z.string().optional(),
  /** Why it is left out. */
  leftOut: z.string().optional(),
});

const filesystem = z.object({
  /** What of Sealift lies there. */
  uses: z.array(z.enum(['store', 'engine'])),
  path: z.string(),
  /** At most, for images: how large a layer is unpacked is not known before. */
  neededBytes: sizeBytes,
  freeBytes: sizeBytes,
});

const part = z.object({
  ordinal: z.int(),
  /** Relative to the medium's root. */
  path: z.string(),
  sizeBytes,
  /** Name of the first content that it belongs to; absent for lists and pages. */
  content: z.string().optional(),
  kind: z.enum(['image', 'model', 'files']).optional(),
  /** True when its bytes are in the store, or in the engine, already. */
  isHere: z.boolean(),
  /** How many bytes `bundle.verify` has read before it; absent for a medium that is not there. */
  verifyFromBytes: sizeBytes.optional(),
  /** How many bytes the step `copy` of `imports.run` has behind it when it comes to this one; absent when it does not. */
  copyFromBytes: sizeBytes.optional(),
});
export type PlannedPart = z.infer<typeof part>;

/** What an import would do. */
export const importPlan = z.object({
  id: z.string(),
  name: z.string().optional(),
  /** False: what follows is only what the media at hand list; the whole is on the last medium. */
  isHeadSeen: z.boolean(),
  signature: bundleSignature,
  /** By ordinal. Without the head as far as they are known. */
  media: z.array(plannedMedium),
  contents: z.array(plannedContent),
  filesystems: z.array(filesystem),
  /** What would be brought from the media that are there. */
  readBytes: sizeBytes,
  /** True when nothing is left to bring. */
  isComplete: z.boolean(),
  /** The largest 2000 files of the media, in the order of the media. */
  parts: z.array(part),
  partCount: sizeBytes,
  /** Red: what `run` will refuse about images. Amber: what it leaves out. */
  findings: z.array(finding),
});
export type ImportPlan = z.infer<typeof importPlan>;
