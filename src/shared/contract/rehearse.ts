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
    }),
    z.object({
      /** Path of `report.html`. */
      report: z.string(),
      dir: z.string(),
      bundle: z.object({ id: z.string(), fingerprint: z.string(), bytes: z.int(), blocks: z.int() }),
      probe: z.array(hopResult),
      /** What was only simulated. */
      simulated: z.array(z.string()),
      engine: z.string(),
      durationMs: z.number(),
    }),
  ),
};
