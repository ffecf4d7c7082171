import { z } from 'zod';
import { packedBy } from '../bundle-evidence.ts';
import { job } from '../rpc/contract.ts';
import { scanCommand } from '../scan-command.ts';
import { leftOutSide } from './bundle-diff.ts';
import { passphrase } from './keys.ts';
import { workedOut } from './needs.ts';

const path = z.string().min(1).max(4096);
const bytes = z.int().nonnegative();
const kind = z.enum(['image', 'model', 'files']);
/** Minimum size of a part; smaller parts would add more overhead than data. */
export const leastPartBytes = 64 * 1024;

const packInput = z.object({
  /** The `BUNDLE.yaml`. */
  spec: path,
  /** Folders to write to, one per medium. */
  to: z.array(path).min(1).max(999),
  /** Maximum file size. Default: just under 4 GiB. */
  partBytes: z.int().min(leastPartBytes).optional(),
  /** Maximum size of a medium. Default: the free space. */
  mediumBytes: z.int().positive().optional(),
  overwrite: z.boolean().default(false),
  /** Where media are usually mounted, also take a folder on this machine's own disk. */
  plainFolders: z.boolean().default(false),
  /** What to do when a tag or branch is not what the lock file says: pack what the file says, or what it is now. */
  moved: z.enum(['refuse', 'keep', 'take']).default('refuse'),
  /** A readiness file of the machine that the bundle is for; adds what that machine lacks and the bundle does not bring. */
  readinessPath: path.optional(),
  /** What the site has, which is left out: media of a bundle, its `bundle.json`, or an inventory. */
  base: path.optional(),
  /** Who packs, as they call themselves; signed with the bundle. */
  packedBy: packedBy.optional(),
});

const acceptedLicences = z.object({
  /** Names of contents, as the plan lists them. */
  names: z.array(z.string().max(1000)).max(1000),
  /** Also all that the description names. What Sealift works out from its `site` is never accepted unnamed. */
  described: z.boolean(),
});
export type AcceptedLicences = z.infer<typeof acceptedLicences>;

const planned = z.object({
  ordinal: z.int().positive(),
  label: z.string(),
  path: z.string(),
  /** Bytes of the files that this medium will list, as `pack` reports them. */
  bytes,
  /** Number of those files. Null when an engine's image may be among them: its files are known only while it is saved. */
  files: z.int().nonnegative().nullable(),
  freeBytes: bytes,
  filesystem: z.string(),
  contents: z.array(
    z.object({
      kind,
      name: z.string(),
      /** Bytes on this medium; what it shares with an earlier content counts there. */
      bytes,
      /** All its bytes with its manifest, as `pack` reports them. */
      totalBytes: bytes,
      /** True for an image from an engine, whose size is known only while it is read. */
      isEstimate: z.boolean(),
      /** Of an image: the signatures, SBOMs and attestations that travel with it, in words. */
      attached: z.array(z.string()),
      /** As the description states it, or else its source. */
      licence: z.string().optional(),
    }),
  ),
});

/** Plans which content goes onto which medium; writes nothing. */
export const packPlan = job(
  'Planning a bundle',
  packInput,
  z.object({
    name: z.string(),
    /**
     * How sure the sizes are. `exact`: packing writes these. `at-most`: files of equal size may turn out to be equal, which are
     * written once. `estimate`: an image comes from an engine.
     */
    sizes: z.enum(['exact', 'at-most', 'estimate']),
    media: z.array(planned),
    totalBytes: bytes,
    partBytes: bytes,
    unused: z.array(z.string()),
    /** What the machine of the readiness file lacks, and the bundle has no packages for: one sentence each. */
    lacks: z.array(z.string()),
    /** With `base`: what is left out. */
    base: leftOutSide.optional(),
    /** With `site` in the description: what was worked out from it. Sizes are those of the sources. */
    needs: workedOut.optional(),
  }),
  { subject: null, writes: false },
);

/** Packs a bundle onto media. `bytes` and `files` of a medium count the files it lists. */
export const pack = job(
  'Packing a bundle',
  packInput.extend({
    /** Name of a signing key, or a file with one. Default: the only existing key. */
    key: path.optional(),
    /** Of that key, if it has one. */
    passphrase: passphrase.optional(),
    /** Where to write a copy of the head. */
    head: path.optional(),
    readBack: z.boolean().default(true),
    /** Which contents the person who packs said may be redistributed. Absent: that person was asked. */
    accepted: acceptedLicences.optional(),
    /**
     * A command that scans for malware: it runs without a shell, with the folder of each medium as its last argument. Exit code 0 means
     * that it reports nothing, 1 that it reports a finding. It is signed with the bundle and shown, so it may have no secret in it.
     */
    scan: scanCommand.optional(),
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
    /** Bytes that an interrupted run wrote: verified, and not written again. */
    resumedBytes: bytes,
    /** Bytes that are on no medium because the site has them. */
    leftOutBytes: bytes,
    blocks: z.int().nonnegative(),
    partBytes: bytes,
    /** `direct`: bypassed the page cache; `cached`: at least partly from the page cache; `none`: not read back. */
    readBack: z.enum(['direct', 'cached', 'none']),
    bytesReadBack: bytes,
    /** As in the plan: what the machine still needs from elsewhere. */
    lacks: z.array(z.string()),
    durationMs: z.number().nonnegative(),
  }),
  { subject: null, resumes: true, shares: { sources: 0.04, plan: 0.01, write: 0.6, seal: 0.02, 'read-back': 0.33 } },
);
