import { z } from 'zod';
import { job } from '../rpc/contract.ts';
import { mediaInput } from './bundle-read.ts';

const path = z.string().min(1).max(4096);
const sizeBytes = z.int().nonnegative();

/** Reads all media and writes a request for their damaged blocks: a file for the side that has another copy. */
export const requestRepair = job(
  'Looking for damaged blocks',
  mediaInput.extend({
    /** The file to write. */
    out: path,
  }),
  z.object({
    path: z.string(),
    /** Id of the bundle. */
    id: z.string(),
    /** Labels of the media with damaged blocks. */
    media: z.array(z.string()),
    blocks: z.int(),
    bytes: sizeBytes,
  }),
  { subject: null, writes: false },
);

/**
 * Answers a request with an overlay: a folder that holds only the blocks asked for, from another copy of the media, or from the sources of the
 * bundle's description as its lock file has them. It is named beside the damaged media when these are verified or imported.
 */
export const repair = job(
  'Copying the blocks that were asked for',
  z
    .strictObject({
      /** The request. */
      request: path,
      /** The media of the copy. */
      from: mediaInput.shape.dirs.optional(),
      /** The description of the bundle, to ask its sources instead. */
      spec: path.optional(),
      /** A readiness file, if one chose the models of that description. */
      readinessPath: path.optional(),
      /** The folder to write the overlay to. */
      to: path,
    })
    .refine(({ from, spec }) => (from === undefined) !== (spec === undefined), {
      message: 'name either the media of a copy or the description of the bundle',
      path: ['from'],
    }),
  z.object({
    path: z.string(),
    /** How many blocks the overlay has. */
    blocks: z.int(),
    bytes: sizeBytes,
    /** The first blocks that the copy or the sources lack or have damaged too; `missingCount` counts all. */
    missing: z.array(z.object({ medium: z.string(), path: z.string(), block: z.int() })),
    missingCount: z.int(),
  }),
  { subject: null, writes: false },
);
