import { z } from 'zod';
import { remedySchema } from '../errors/remedy-schema.ts';
import { isPlainLine } from '../plain-text.ts';
import { call, job } from '../rpc/contract.ts';

const dirs = z.array(z.string().min(1).max(4096)).min(1).max(999);
/** Why an untrusted or unsigned bundle is opened: one line, without what could disturb a terminal. */
export const overrideReason = z
  .string()
  .trim()
  .min(3)
  .max(500)
  .refine(isPlainLine, 'has characters that cannot be shown as they are');
const sizeBytes = z.int().nonnegative();

/** Which media to open (absolute folders), and why an untrusted or unsigned bundle shall be opened nevertheless. */
export const mediaInput = z.strictObject({ dirs, overrideReason: overrideReason.optional() });

/** Who signed. `keyId` is empty when nobody did and an override let it pass. */
export const bundleSignature = z.object({
  keyId: z.string(),
  words: z.string(),
  trusted: z.boolean(),
  overrideReason: z.string().optional(),
});

/** One place where a medium is not what was signed. */
export const damage = z.object({
  /** Label of the medium. */
  medium: z.string(),
  /** Relative to the medium's root. */
  path: z.string(),
  /** First block of 16 MiB that it touches, counted from 0. */
  block: sizeBytes,
  offsetBytes: sizeBytes,
  lengthBytes: sizeBytes,
  /** Size of the file as it was found, when that is not what was signed; signed is `offsetBytes` + `lengthBytes` of `truncated`. */
  foundBytes: sizeBytes.optional(),
  /** What the file is part of, such as `model NAME`; absent for lists and for what the bundle's list does not name. */
  contents: z.array(z.string()).optional(),
  /**
   * `block`: bytes differ. `truncated`, `too-long`: the file ends early or late. `unreadable`: the medium answers with errors.
   * `missing-file`, `missing-medium`, `missing-head`: not there. `extra-file`: there, but not signed. `not-a-file`: a link or device.
   * `digest`: the blocks are as signed, but the whole has another digest.
   */
  kind: z.enum([
    'block',
    'truncated',
    'too-long',
    'unreadable',
    'missing-file',
    'missing-medium',
    'missing-head',
    'extra-file',
    'not-a-file',
    'digest',
  ]),
});
export type Damage = z.infer<typeof damage>;

const medium = z.object({
  ordinal: z.int(),
  label: z.string(),
  /** Its root; absent for a medium that is not there. */
  path: z.string().optional(),
  sizeBytes,
  files: z.int(),
  signature: bundleSignature.omit({ overrideReason: true }),
});
const missingMedium = z.object({ ordinal: z.int(), label: z.string() });

/** Reads every listed file, block by block, and goes on after damage. */
export const verify = job(
  'Verify the media',
  mediaInput,
  z.object({
    id: z.string(),
    media: z.array(medium),
    missingMedia: z.array(missingMedium),
    isHeadSeen: z.boolean(),
    blocksChecked: z.int(),
    bytesChecked: z.int(),
    signature: bundleSignature,
    /** The first 5000; `damageCount` counts all. */
    damage: z.array(damage),
    damageCount: z.int(),
    /** What to do about the damage, one remedy a medium; empty when there is none. */
    remedies: z.array(remedySchema),
    durationMs: z.number(),
  }),
  { writes: false },
);

/** What the media carry and what is missing; reads no blob but compares sizes. */
export const inspect = call(
  mediaInput,
  z.object({
    id: z.string(),
    name: z.string().optional(),
    created: z.iso.datetime(),
    toolVersion: z.string().optional(),
    /** False: what follows is only what the media at hand list; the whole is on the last medium. */
    isHeadSeen: z.boolean(),
    signature: bundleSignature,
    media: z.array(medium),
    missingMedia: z.array(missingMedium),
    contents: z.array(
      z.object({
        kind: z.enum(['image', 'model', 'files']),
        name: z.string(),
        digest: z.string(),
        totalBytes: sizeBytes,
        isPublisherDigest: z.boolean().optional(),
        source: z.string().optional(),
        licence: z.string().optional(),
        /** True when all its blobs lie on the media that are there. */
        isComplete: z.boolean(),
      }),
    ),
    requirements: z.object({ gitlab: z.string().optional(), note: z.string().optional() }),
    totalBytes: sizeBytes,
    /** Files that are missing or have another size than signed. */
    damage: z.array(damage),
  }),
);
