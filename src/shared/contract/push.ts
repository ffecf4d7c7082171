import { z } from 'zod';
import { finding } from '../finding.ts';
import { call, job } from '../rpc/contract.ts';
import { bundleSignature, overrideReason } from './bundle-read.ts';

const sizeBytes = z.int().nonnegative();

const pushInput = z.strictObject({
  /** `REGISTRY/PREFIX`; with `http://` before it for a registry without TLS. */
  target: z.string().min(1).max(300),
  /** The media (absolute folders). Empty: the models and files of the store. */
  dirs: z.array(z.string().min(1).max(4096)).max(999),
  overrideReason: overrideReason.optional(),
  /** The store's folder (absolute). Default: the store of this data folder. */
  store: z.string().min(1).max(4096).optional(),
  /** File (absolute) with the certificates to trust besides those of this machine, as PEM. */
  ca: z.string().min(1).max(4096).optional(),
  /** Names of the contents to push. Default: all. */
  only: z.array(z.string().min(1).max(255)).max(1000).optional(),
  /** Other hosts of token services that may receive the login. */
  tokenHosts: z.array(z.string().min(1).max(300)).max(20).optional(),
});

const content = z.object({
  kind: z.enum(['image', 'model', 'files']),
  /** Its name in the bundle or store. */
  name: z.string(),
  /** Where it is in the registry: `registry/prefix/name:tag`. */
  reference: z.string(),
  /** Digest of its manifest, the same as in the bundle. */
  digest: z.string(),
  totalBytes: sizeBytes,
  /** `absent`: not complete in the registry. `incomplete`: a part of it is on a medium that is not inserted. */
  state: z.enum(['present', 'absent', 'incomplete']),
  /** The digest that the tag names instead. */
  replaces: z.string().optional(),
});

const common = {
  /** Host, with the port if there is one. */
  registry: z.string(),
  /** Whose login is used, never the secret. */
  login: z.string(),
  bundle: z.object({ id: z.string(), name: z.string() }).optional(),
  signature: bundleSignature.optional(),
  contents: z.array(content),
  /** Labels of the media that hold the rest. */
  missing: z.array(z.string()),
  findings: z.array(finding),
};

/** Sends bundles into the site's own registry. */
export const push = {
  /** Returns what `run` would send. Asks the registry, and changes nothing. */
  plan: call(pushInput, z.object({ ...common, sendBytes: sizeBytes, presentBytes: sizeBytes })),
  /**
   * Sends images, models and files with the digests that they have in the bundle. Safe to repeat: a blob that the registry has is not
   * sent again, and one that was begun continues if the registry kept it. `isComplete` is false while media are missing (exit code 1).
   */
  run: job(
    'Pushing to a registry',
    pushInput,
    z.object({
      ...common,
      isComplete: z.boolean(),
      /** Bytes of blobs that were sent in this run, repeated ones included. */
      sentBytes: sizeBytes,
      /** Bytes that an earlier run had sent of blobs that were then not finished. */
      resumedBytes: sizeBytes,
      /** Bytes of blobs that the registry had, in this place or in another one that it took them from. */
      presentBytes: sizeBytes,
      durationMs: z.number(),
    }),
    { subject: null, resumes: true, shares: { open: 0.01, compare: 0.02, send: 0.97 } },
  ),
};
