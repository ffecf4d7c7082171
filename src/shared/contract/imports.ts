import { z } from 'zod';
import { finding } from '../finding.ts';
import { call, job } from '../rpc/contract.ts';
import { bundleSignature, mediaInput } from './bundle-read.ts';
import { importPlan } from './import-plan.ts';

const sizeBytes = z.int().nonnegative();
const file = z.object({ path: z.string(), sha256: z.string(), sizeBytes });
const fileSet = z.object({
  /** Its name in the store. */
  id: z.string(),
  /** Its folder. */
  path: z.string(),
  bytes: sizeBytes,
  /** SHA-256 (hex) of the file when there is just one, else of the manifest that lists the files. */
  sha256: z.string(),
  files: z.array(file),
});
const image = z.object({
  /** Canonical name, `registry/name:tag`. */
  reference: z.string(),
  /** The engine's own ID of it. */
  imageId: z.string(),
  /** Of the manifest. */
  digest: z.string(),
  /** How it came: the engine pulled it from us, was given an archive, or had it already. */
  path: z.enum(['registry', 'load', 'present']),
});

const importInput = mediaInput.extend({
  /** The store's folder (absolute); by default the one of this data folder. */
  store: z.string().min(1).max(4096).optional(),
  /** The container engine's address for images, or `none`; by default the usual one, if it answers. */
  engine: z.string().min(1).max(4096).optional(),
});

/** Bringing what the media carry into the store. */
export const imports = {
  /** What `run` would do; writes nothing. Refuses what `run` refuses of the media: `bundle.untrusted`, `bundle.foreign` and so on. */
  plan: call(importInput, importPlan),
  /**
   * Safe to repeat: what is there is not read again. Media may come one after another, so lacking some is a stage and no failure:
   * `isComplete` is false, `missing` names those to put in next, and an amber finding how to go on (exit code 1: done, but not all).
   * Models and file sets appear with the last medium. `import.medium-missing` only when these media could add nothing;
   * `import.model-in-use` when a deployed site serves another model of the same name.
   */
  run: job(
    'Import',
    importInput,
    z.object({
      bundle: z.object({ id: z.string(), name: z.string() }),
      isComplete: z.boolean(),
      /** Labels of the media that were read now. */
      read: z.array(z.string()),
      /** Media that are still needed, by their labels; without a number for the last one before any list of all was seen. */
      missing: z.array(z.object({ label: z.string(), ordinal: z.int().optional() })),
      signature: bundleSignature,
      images: z.array(image),
      models: z.array(fileSet),
      files: z.array(fileSet),
      findings: z.array(finding),
      /** From media, and for images also from the store. */
      bytesRead: sizeBytes,
      /** Bytes of images that the engine was given; it is not given what it has. */
      imageBytesSent: sizeBytes,
      /** To the store; what the engine writes is its own. */
      bytesWritten: sizeBytes,
      /** Written by an earlier run that did not end; proven again in the store, not read from the media. */
      resumedBytes: sizeBytes,
      /** In the store already, whole. */
      skippedBytes: sizeBytes,
      durationMs: z.number(),
    }),
    { resumes: true },
  ),
};
