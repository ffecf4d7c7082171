import { z } from 'zod';
import { finding } from '../finding.ts';
import { call, job } from '../rpc/contract.ts';
import { slug } from '../site-file.ts';
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
  /** SHA-256 (hex) of the file if there is only one, otherwise of the manifest that lists the files. */
  sha256: z.string(),
  /** The first files, as many as fit into an answer; `fileCount` counts all. */
  files: z.array(file),
  fileCount: z.int(),
  /** Of a model: the GGUF that a server opens. */
  served: z.string().optional(),
});
const image = z.object({
  /** Canonical name, `registry/name:tag`. */
  reference: z.string(),
  /** The engine's ID for it. */
  imageId: z.string(),
  /** Digest of the manifest. */
  digest: z.string(),
  /** How the engine got it: pulled from Sealift, loaded from an archive, or already present. */
  path: z.enum(['registry', 'load', 'present']),
});

const importInput = mediaInput.extend({
  /** The store's folder (absolute). Default: the store of this data folder. */
  store: z.string().min(1).max(4096).optional(),
  /** Address of the container engine for images, or `none`. Default: the usual address, if an engine answers there. */
  engine: z.string().min(1).max(4096).optional(),
  /** Import a bundle that is older than one already imported. The report records this. */
  allowOlder: z.boolean().optional(),
});

/** Imports bundles into the store. */
export const imports = {
  /**
   * Writes what this site has to a file for the connected side: names, digests and sizes, and for an upgrade the GitLab version, engine and
   * features of the deployed site.
   */
  inventory: call(
    z.strictObject({
      /** The file to write, which must not exist yet. */
      out: z.string().min(1).max(4096),
      store: importInput.shape.store,
      engine: importInput.shape.engine,
      /** Name of the deployed site. Default: the only one. */
      site: slug.optional(),
    }),
    z.object({
      path: z.string(),
      contents: z.array(z.object({ kind: z.enum(['image', 'model', 'files']), name: z.string(), bytes: sizeBytes })),
      /** What was imported and is not in it, and why: one sentence each. */
      notes: z.array(z.string()),
    }),
  ),
  /** Returns what `run` would do, and writes nothing. Rejects the same media as `run`: `bundle.untrusted`, `bundle.foreign` and so on. */
  plan: call(importInput, importPlan),
  /**
   * Safe to repeat: existing content is not read again. Media may be imported one after another, so a missing medium is not a failure:
   * `isComplete` is false, `missing` lists the media to insert next, and an amber finding says how to continue (exit code 1). Models and
   * file sets appear with the last medium. Throws `import.older` for a bundle older than one imported before,
   * unless that is allowed, `import.medium-missing` only if these media add nothing, and `import.model-in-use` if a
   * deployed site serves a different model of the same name.
   */
  run: job(
    'Importing a bundle',
    importInput,
    z.object({
      bundle: z.object({ id: z.string(), name: z.string() }),
      isComplete: z.boolean(),
      /** Labels of the media that were read in this run. */
      read: z.array(z.string()),
      /** Labels of the media still needed. The last medium has no number until a complete list was seen. */
      missing: z.array(z.object({ label: z.string(), ordinal: z.int().optional() })),
      signature: bundleSignature,
      images: z.array(image),
      models: z.array(fileSet),
      files: z.array(fileSet),
      findings: z.array(finding),
      /** Bytes read from media. */
      bytesRead: sizeBytes,
      /** Image bytes sent to the engine; layers that it already has are not sent. */
      imageBytesSent: sizeBytes,
      /** Bytes written to the store, not counting what the engine writes. */
      bytesWritten: sizeBytes,
      /** Bytes written by an earlier interrupted run, verified again in the store instead of read from the media. */
      resumedBytes: sizeBytes,
      /** Bytes of files that were already complete in the store. */
      skippedBytes: sizeBytes,
      durationMs: z.number(),
    }),
    {
      subject: null,
      resumes: true,
      shares: { open: 0.01, preflight: 0.02, copy: 0.95, 'lay-out': 0.02 },
    },
  ),
};
