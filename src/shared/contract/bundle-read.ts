import { z } from 'zod';
import { bundleEvidence } from '../bundle-evidence.ts';
import { remedySchema } from '../errors/remedy-schema.ts';
import { finding } from '../finding.ts';
import { isPlainLine } from '../plain-text.ts';
import { call, job } from '../rpc/contract.ts';
import { leftOutSide } from './bundle-diff.ts';
import { passphrase } from './keys.ts';

const dirs = z.array(z.string().min(1).max(4096)).min(1).max(999);
/** Reason for opening an untrusted or unsigned bundle: one line without control characters. */
export const overrideReason = z
  .string()
  .trim()
  .min(3)
  .max(500)
  .refine(isPlainLine, 'contains characters that cannot be displayed');
const sizeBytes = z.int().nonnegative();

/** The media to open (absolute folders), and the reason for opening them if the bundle is untrusted or unsigned. */
export const mediaInput = z.strictObject({ dirs, overrideReason: overrideReason.optional() });

/** Who signed the bundle. `keyId` is empty for an unsigned bundle that was opened with an override. */
export const bundleSignature = z.object({
  keyId: z.string(),
  words: z.string(),
  trusted: z.boolean(),
  overrideReason: z.string().optional(),
  /** The key of a second person who signed the same list. */
  second: z.object({ keyId: z.string(), words: z.string(), trusted: z.boolean() }).optional(),
});

/** One place where a medium differs from what was signed. */
export const damage = z.object({
  /** Label of the medium. */
  medium: z.string(),
  /** Relative to the medium's root. */
  path: z.string(),
  /** First damaged block of 16 MiB, counted from 0. */
  block: sizeBytes,
  offsetBytes: sizeBytes,
  lengthBytes: sizeBytes,
  /** Actual size of the file, when it differs from the signed size (`offsetBytes` + `lengthBytes` for `truncated`). */
  foundBytes: sizeBytes.optional(),
  /** The contents that the file belongs to, such as `model NAME` (20 at most, then how many more); absent for lists and for files not in the bundle's list. */
  contents: z.array(z.string()).optional(),
  /** The names of the file in its models and file sets (20 at most, then how many more); absent for images, and if the list of names cannot be read. */
  files: z.array(z.string()).optional(),
  /**
   * `block`: bytes differ. `truncated`, `too-long`: the file has the wrong length. `unreadable`: the medium returns errors.
   * `missing-file`, `missing-medium`, `missing-head`: not found. `not-a-file`: a link or device.
   * `digest`: every block matches, but the digest of the whole file does not.
   */
  kind: z.enum([
    'block',
    'truncated',
    'too-long',
    'unreadable',
    'missing-file',
    'missing-medium',
    'missing-head',
    'not-a-file',
    'digest',
  ]),
});
export type Damage = z.infer<typeof damage>;

/** Whether something is only on a medium that is not connected: the bundle is incomplete, but nothing is damaged. */
export function isAbsent({ kind }: Pick<Damage, 'kind'>): boolean {
  return kind === 'missing-medium' || kind === 'missing-head';
}

const medium = z.object({
  ordinal: z.int(),
  label: z.string(),
  /** Root of the medium; absent if the medium is missing. */
  path: z.string().optional(),
  sizeBytes,
  files: z.int(),
  signature: bundleSignature.omit({ overrideReason: true, second: true }),
});
const missingMedium = z.object({ ordinal: z.int(), label: z.string() });

/** Reads every listed file block by block, and continues after damage. */
export const verify = job(
  'Verifying the media',
  mediaInput,
  z.object({
    id: z.string(),
    media: z.array(medium),
    missingMedia: z.array(missingMedium),
    isHeadSeen: z.boolean(),
    blocksChecked: z.int(),
    bytesChecked: z.int(),
    /** So many blocks are damaged or lost on their medium, and came from a folder for repairs that was named beside it; absent for none. */
    repairedBlocks: z.int().optional(),
    signature: bundleSignature,
    /** The first entries, as many as fit into an answer; `damageCount` counts all. */
    damage: z.array(damage),
    damageCount: z.int(),
    /** Red: contents that an import refuses although their bytes are as signed. Amber: files that no list names, which are ignored. */
    findings: z.array(finding),
    /** How to fix the damage: one remedy per medium, in the order in which the media occur in `damage`, then how many media more; empty if there is none. */
    remedies: z.array(remedySchema),
    durationMs: z.number(),
  }),
  { subject: null, writes: false, shares: { open: 0.01, read: 0.99 } },
);

/** Lists what the media contain and what is missing. Compares sizes, but reads no blobs. */
export const inspect = call(
  mediaInput,
  z.object({
    id: z.string(),
    name: z.string().optional(),
    created: z.iso.datetime(),
    toolVersion: z.string().optional(),
    /** False: the fields below cover only the media that were read; the complete list is on the last medium. */
    isHeadSeen: z.boolean(),
    signature: bundleSignature,
    media: z.array(medium),
    missingMedia: z.array(missingMedium),
    /** The first, as many as fit into an answer; `contentCount` counts all. */
    contents: z.array(
      z.object({
        kind: z.enum(['image', 'model', 'files']),
        name: z.string(),
        digest: z.string(),
        totalBytes: sizeBytes,
        isPublisherDigest: z.boolean().optional(),
        source: z.string().optional(),
        /** The first addresses that it was fetched from, with the digests of what these stood for; `originCount` counts all. */
        origins: z.array(z.object({ url: z.string(), digest: z.string() })).optional(),
        originCount: sizeBytes.optional(),
        licence: z.string().optional(),
        /** True if all its blobs are on the media that were read. */
        isComplete: z.boolean(),
      }),
    ),
    contentCount: sizeBytes,
    requirements: z.object({ gitlab: z.string().optional(), note: z.string().optional() }),
    /** What the site must have, when the media do not carry everything. */
    base: leftOutSide.optional(),
    ...bundleEvidence.shape,
    totalBytes: sizeBytes,
    /** The first files that are missing or whose size differs from the signed one; `damageCount` counts all. */
    damage: z.array(damage),
    damageCount: sizeBytes,
  }),
);

/** Adds a second person's signature to the medium that has the bundle's signed list. */
export const countersign = call(
  z.strictObject({
    dirs,
    /** Name of a signing key, or a file with one. Default: the only existing key. */
    key: z.string().min(1).max(4096).optional(),
    passphrase: passphrase.optional(),
  }),
  z.object({ label: z.string(), keyId: z.string(), words: z.string() }),
  { writes: true },
);
