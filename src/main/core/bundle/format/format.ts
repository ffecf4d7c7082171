import { z } from 'zod';
import { packedBy, scanResult } from '../../../../shared/bundle-evidence.ts';
import { maxContents } from '../../../../shared/bundle-spec.ts';
import { carriedPackages } from '../../../../shared/carried-packages.ts';
import { segmentProblem } from '../../../../shared/content-path.ts';
import { digest, hexDigest } from '../../../../shared/digest.ts';
import { isPlainLine } from '../../../../shared/plain-text.ts';
import { maxAttached } from './attached.ts';

/** Version of the format that this code writes; readers refuse newer ones with `bundle.newer-format`. */
export const formatVersion = 1;
/** Damage, resume and repair are counted in blocks of this size. */
export const blockBytes = 16 * 1024 * 1024;
/** Largest part of a blob by default: just under 4 GiB, so that FAT32 takes it, and a whole number of blocks. */
export const defaultPartBytes = 255 * blockBytes;
/** A signed envelope with more bytes is refused before it is read. 1 TiB of blocks stays below a fifth of it. */
export const maxEnvelopeBytes = 64 * 1024 * 1024;

/** The folder of a medium that belongs to Sealift. */
export const mediumFolder = 'sealift';
/** The envelope of one medium, relative to the medium's root. */
export const mediumEnvelopePath = 'sealift/media.json';
/** The envelope of the whole bundle, on the last medium. */
export const headEnvelopePath = 'sealift/bundle.json';
/** Signed notices about keys, one a line: revoked, replaced, expiring. On every medium, if the packing side has any. */
export const noticesFile = 'sealift/key-notices.jsonl';
/** The software bill of materials of the whole bundle, in SPDX 2.3, on every medium. */
export const sbomFile = 'sealift/sbom.spdx.json';
/** SHA-256 of every other file of a medium, and its signature in OpenSSH's format. */
export const sumsFile = 'sealift/SHA256SUMS';
export const sumsSignatureFile = 'sealift/SHA256SUMS.sig';
/** A second person's signature, on the medium with the head. */
export const countersignaturePath = 'sealift/countersignature.json';
/** The files that `media.json` cannot list, since they are written after it. */
export const unlistedFiles: readonly string[] = [
  mediumEnvelopePath,
  headEnvelopePath,
  sumsFile,
  sumsSignatureFile,
  countersignaturePath,
];
/** The OCI image layout of a medium. */
export const layoutFolder = 'sealift/layout';

/** Packages of Sealift on the first medium. */
export const appFolder = 'sealift/app';

export const mediumPayloadType = 'application/vnd.sealift.medium.v1+json';
export const headPayloadType = 'application/vnd.sealift.bundle.v1+json';
export const countersignaturePayloadType = 'application/vnd.sealift.countersignature.v1+json';

const bundleId = z.string().regex(/^[0-9a-f]{32}$/);
const label = z.string().regex(/^[\w.-]{1,32}$/);
// Text shown on a screen must not contain control sequences.
const notPlain = 'has characters that cannot be shown as they are';
const sizeBytes = z.int().nonnegative();

/**
 * A path on a medium: relative to its root, `/` between segments, at most 255 plain characters; no segment that some system cannot
 * store or that leaves the medium; the envelopes themselves are never listed.
 */
export const mediumPath = z
  .string()
  .max(255)
  .regex(/^[\w@+.,=-]+(\/[\w@+.,=-]+)*$/)
  .superRefine((path, context) => {
    const problem = path.split('/').map(segmentProblem).find(Boolean);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  })
  .refine((path) => !unlistedFiles.includes(path), 'names a file that the list cannot have');

/** One file of a medium with the SHA-256 of the whole and of each 16 MiB block. */
export const mediumFile = z.strictObject({
  path: mediumPath,
  sizeBytes,
  sha256: hexDigest,
  blocks: z.array(hexDigest).max(1_000_000),
});

/** The payload of `media.json`. Files are sorted by path; paths are unique even when letter case is ignored. */
export const mediumPayload = z.strictObject({
  version: z.literal(formatVersion),
  bundle: bundleId,
  ordinal: z.int().min(1).max(999),
  label,
  created: z.iso.datetime(),
  files: z.array(mediumFile).max(200_000),
});

/** What a source was when it was packed: an address, and the digest of what it stood for. */
const origin = z.strictObject({
  url: z.string().max(2100).refine(isPlainLine, notPlain),
  digest: z.string().regex(/^(sha256:[0-9a-f]{64}|gitcommit:[0-9a-f]{40})$/),
});
export type Origin = z.infer<typeof origin>;

const doubt = z.string().min(1).max(500).refine(isPlainLine, notPlain);

/** One thing that a bundle carries: an image, a model or files, with the OCI manifest that describes it. */
export const bundleContent = z.strictObject({
  kind: z.enum(['image', 'model', 'files']),
  /** Reference of an image (`registry/name:tag`), id of a model or of a file set. */
  name: z.string().min(1).max(255).refine(isPlainLine, notPlain),
  manifest: z.strictObject({
    digest,
    sizeBytes,
    mediaType: z.string().max(200),
    artifactType: z.string().max(200).optional(),
  }),
  /** Blobs of the manifest: config and layers, and behind them what is attached. */
  blobs: z.array(z.strictObject({ digest, sizeBytes })).max(10_000),
  totalBytes: sizeBytes,
  /** False when the manifest is ours because the source had none (an image from a local engine or a docker-archive). */
  isPublisherDigest: z.boolean(),
  /** Where it was packed from, in words. */
  source: z.string().max(500).refine(isPlainLine, notPlain),
  /** The addresses that it was fetched from; absent for what was on the packing machine. */
  origins: z.array(origin).max(1000).optional(),
  licence: z.string().max(200).refine(isPlainLine, notPlain).optional(),
  /** Why a model was packed although no engine can load it as it is, and what was wrong with it. */
  packedAnyway: z.strictObject({ reason: doubt, problem: doubt }).optional(),
  /** Of an image: signatures, SBOMs and attestations that travel with it. Their bytes are listed among the blobs. */
  attached: z
    .array(
      z.strictObject({
        digest,
        mediaType: z.string().max(200),
        artifactType: z.string().max(200).optional(),
        /** The tag by which cosign finds it. */
        tag: z
          .string()
          .regex(/^sha256-[0-9a-f]{64}\.(sig|att|sbom)$/)
          .optional(),
        /** What people call it. */
        what: z.string().min(1).max(200).refine(isPlainLine, notPlain),
      }),
    )
    .max(maxAttached)
    .optional(),
  /** Of a file set with packages: what they install, and on which distribution. */
  packages: carriedPackages.optional(),
});

/** What a site had when a bundle was packed for it: which file said so, and the blobs that are on no medium because of that. */
const headBase = z.strictObject({
  kind: z.enum(['bundle', 'inventory']),
  /** Of a bundle. */
  id: bundleId.optional(),
  name: z.string().min(1).max(100).refine(isPlainLine, notPlain).optional(),
  created: z.iso.datetime(),
  /** Of the envelope of that bundle's head, or of the inventory. */
  sha256: hexDigest,
  leftOut: z.array(digest).max(200_000),
});

/** The payload of `bundle.json`, which describes the whole bundle. `mediumSha256` is the SHA-256 of the bytes of that medium's `media.json`. */
export const headPayload = z.strictObject({
  version: z.literal(formatVersion),
  id: bundleId,
  name: z.string().min(1).max(100).refine(isPlainLine, notPlain),
  created: z.iso.datetime(),
  tool: z.strictObject({ name: z.literal('sealift'), version: z.string().max(50) }),
  contents: z.array(bundleContent).max(maxContents),
  media: z
    .array(
      z.strictObject({
        ordinal: z.int().min(1).max(999),
        label,
        mediumSha256: hexDigest,
        sizeBytes,
        files: z.int().nonnegative(),
      }),
    )
    .min(1)
    .max(999),
  requirements: z.strictObject({ gitlab: z.string().max(50).optional(), note: z.string().max(1000).optional() }),
  /** Absent when the media carry everything. */
  base: headBase.optional(),
  /** Who packed it, as they call themselves; the key that signed says who it was. */
  packedBy: packedBy.optional(),
  /** The scanner that ran over each medium and ended with exit code 0; with another, the bundle would not be signed. */
  scan: scanResult.optional(),
});

/** The payload of a second signature: the SHA-256 of the bytes of `bundle.json`, which has the digests of everything else. */
export const countersignaturePayload = z.strictObject({
  version: z.literal(formatVersion),
  bundle: bundleId,
  headSha256: hexDigest,
  created: z.iso.datetime(),
});
export type CountersignaturePayload = z.infer<typeof countersignaturePayload>;

export type MediumFile = z.infer<typeof mediumFile>;
export type MediumPayload = z.infer<typeof mediumPayload>;
export type BundleContent = z.infer<typeof bundleContent>;
export type HeadPayload = z.infer<typeof headPayload>;
