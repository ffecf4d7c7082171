import { z } from 'zod';
import { finding } from '../finding.ts';
import { job } from '../rpc/contract.ts';
import { bundleSignature, mediaInput } from './bundle-read.ts';

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

/** Bringing what the media carry into the store. */
export const imports = {
  /** Safe to repeat: what is there is not read again. `import.medium-missing` when not all is there yet. */
  run: job(
    'Import',
    mediaInput.extend({
      /** The store's folder (absolute); by default the one of this data folder. */
      store: z.string().min(1).max(4096).optional(),
      /** The container engine's address for images, or `none`; by default the usual one, if it answers. */
      engine: z.string().min(1).max(4096).optional(),
    }),
    z.object({
      bundle: z.object({ id: z.string(), name: z.string() }),
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
  ),
};
