import { z } from 'zod';
import { call } from '../rpc/contract.ts';

const path = z.string().min(1).max(4096);
const sizeBytes = z.int().nonnegative();

/** A bundle, or the inventory of what a site has. */
export const heldSide = z.object({
  kind: z.enum(['bundle', 'inventory']),
  /** Of a bundle. */
  id: z.string().optional(),
  name: z.string().optional(),
  /** When the bundle was packed, or the inventory was taken. */
  created: z.iso.datetime(),
});

/** What was left out of a bundle because the site has it. */
export const leftOutSide = heldSide.extend({ leftOutBytes: sizeBytes });

/** Compares two bundles, or what a site has with a bundle. Each is named by a folder of media, a `bundle.json` or an inventory. */
export const bundleDiff = call(
  z.strictObject({ before: path, after: path }),
  z.object({
    before: heldSide,
    after: heldSide,
    /** In the order of the new side, then those that only the old side has. The first, as many as fit into an answer; `contentCount` counts all. */
    contents: z.array(
      z.object({
        change: z.enum(['added', 'changed', 'same', 'removed']),
        kind: z.enum(['image', 'model', 'files']),
        name: z.string(),
        digest: z.string(),
        totalBytes: sizeBytes,
        /** What the old side lacks of it. A blob that two contents share counts for the first. */
        carryBytes: sizeBytes,
        /** What a changed one was before. */
        before: z.object({ digest: z.string(), totalBytes: sizeBytes }).optional(),
      }),
    ),
    contentCount: sizeBytes,
    /** What `bundle pack --base` carries of the new side, without pages, lists, and the manifests that travel in any case. */
    carryBytes: sizeBytes,
  }),
);
