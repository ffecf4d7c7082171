import { z } from 'zod';
import { finding } from '../finding.ts';
import { bundleSignature } from './bundle-read.ts';

const sizeBytes = z.int().nonnegative();

const plannedMedium = z.object({
  ordinal: z.int(),
  label: z.string(),
  /** Absent if the medium is not present. */
  path: z.string().optional(),
  sizeBytes,
  /** False for an absent medium with nothing left to import. */
  isNeeded: z.boolean(),
});

const plannedContent = z.object({
  kind: z.enum(['image', 'model', 'files']),
  name: z.string(),
  digest: z.string(),
  licence: z.string().optional(),
  totalBytes: sizeBytes,
  /** How many of them are already in the store or the engine. */
  hereBytes: sizeBytes,
  /** The first 20 media that contain it, among those seen so far; `ordinalCount` counts all. */
  ordinals: z.array(z.int()),
  ordinalCount: sizeBytes,
  /** The folder or engine it goes to; absent if it is left out. */
  target: z.string().optional(),
  /** Why it is left out. */
  leftOut: z.string().optional(),
});

const filesystem = z.object({
  /** What Sealift stores there. */
  uses: z.array(z.enum(['store', 'engine'])),
  path: z.string(),
  /** An upper bound for images, because the unpacked size of a layer is not known in advance. */
  neededBytes: sizeBytes,
  freeBytes: sizeBytes,
});

const part = z.object({
  ordinal: z.int(),
  /** Relative to the medium's root. */
  path: z.string(),
  sizeBytes,
  /** Name of the first content it belongs to; absent for lists and pages. */
  content: z.string().optional(),
  kind: z.enum(['image', 'model', 'files']).optional(),
  /** True if its bytes are already in the store or the engine. */
  isHere: z.boolean(),
  /** Bytes that `bundle.verify` reads before it gets here; absent for a medium that is not present. */
  verifyFromBytes: sizeBytes.optional(),
  /** Bytes that `imports.run` has copied into the store before it gets here (the lane `copy` of its progress); absent if it never does. */
  copyFromBytes: sizeBytes.optional(),
});
export type PlannedPart = z.infer<typeof part>;

/** What an import would do. */
export const importPlan = z.object({
  id: z.string(),
  name: z.string().optional(),
  /** False: the fields below cover only the media that were read; the complete list is on the last medium. */
  isHeadSeen: z.boolean(),
  signature: bundleSignature,
  /** By ordinal. Without the head, only the known ones. */
  media: z.array(plannedMedium),
  contents: z.array(plannedContent),
  filesystems: z.array(filesystem),
  /** Bytes that would be read from the media that are present. */
  readBytes: sizeBytes,
  /** True if nothing is left to import. */
  isComplete: z.boolean(),
  /** The largest files of the media, at most 2000, in the order of the media. */
  parts: z.array(part),
  partCount: sizeBytes,
  /** Red: reasons why `run` will refuse the images. Amber: what it leaves out. */
  findings: z.array(finding),
});
export type ImportPlan = z.infer<typeof importPlan>;
