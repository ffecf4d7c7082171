import { z } from 'zod';
import { job } from '../rpc/contract.ts';
import { hopResult } from './probe.ts';

/** The whole job with stand-ins, in one folder. */
export const rehearse = {
  run: job(
    'Rehearse the whole job',
    z.strictObject({
      /** Everything happens below it; default: `rehearsal` in the data folder. */
      dir: z.string().min(1).max(4096).optional(),
      /** Leaves the site running and the media there, to look at. */
      keep: z.boolean().default(false),
      /** Uses Docker where it is there: the gateway is packed, imported and run as a container. */
      docker: z.boolean().default(true),
      /** Removes a rehearsal that was kept in that folder, running or not; without it that is `rehearse.kept`. */
      replace: z.boolean().default(false),
    }),
    z.object({
      /** Path of `report.html`. */
      report: z.string(),
      dir: z.string(),
      /** Name of the site that was deployed. */
      site: z.string(),
      /** Data folder of the disconnected side, when it was kept. */
      keptHome: z.string().optional(),
      bundle: z.object({ id: z.string(), fingerprint: z.string(), bytes: z.int(), blocks: z.int() }),
      probe: z.array(hopResult),
      /** What was only simulated. */
      simulated: z.array(z.string()),
      /** Of the model: its kind and version. */
      engine: z.string(),
      docker: z.discriminatedUnion('isUsed', [
        z.object({
          isUsed: z.literal(true),
          /** Of the engine. */
          version: z.string(),
          /** `path` says how the import brought it. */
          image: z.object({
            reference: z.string(),
            imageId: z.string(),
            path: z.enum(['registry', 'load', 'present']),
          }),
          /** Name of the container that the SIMULATED gateway ran in. */
          container: z.string(),
        }),
        z.object({ isUsed: z.literal(false), reason: z.string() }),
      ]),
      durationMs: z.number(),
    }),
  ),
};
