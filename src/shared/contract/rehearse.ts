import { z } from 'zod';
import { job } from '../rpc/contract.ts';
import { hopResult } from './probe.ts';

/** Rehearses the whole job with stand-ins, in one folder. */
export const rehearse = {
  run: job(
    'Rehearsing the whole process',
    z.strictObject({
      /** The folder for everything. Default: `rehearsal` in the data folder. */
      dir: z.string().min(1).max(4096).optional(),
      /** Keeps the site running and the media in place for inspection. */
      keep: z.boolean().default(false),
      /** Uses Docker if available: the gateway is packed, imported and run as a container. */
      docker: z.boolean().default(true),
      /** Removes a kept rehearsal in that folder, running or not. Otherwise one causes `rehearse.kept`. */
      replace: z.boolean().default(false),
    }),
    z.object({
      /** Path of `report.html`. */
      report: z.string(),
      dir: z.string(),
      /** Name of the site that was deployed. */
      site: z.string(),
      /**
       * What was kept: the data folder of the disconnected side, its site file, and the fingerprint of the packer's key in words, by which
       * others trust its media.
       */
      kept: z.object({ home: z.string(), siteFile: z.string(), words: z.string() }).optional(),
      bundle: z.object({ id: z.string(), fingerprint: z.string(), bytes: z.int(), blocks: z.int() }),
      probe: z.array(hopResult),
      /** What was only simulated. */
      simulated: z.array(z.string()),
      /** The model's engine and its version. */
      engine: z.string(),
      docker: z.discriminatedUnion('isUsed', [
        z.object({
          isUsed: z.literal(true),
          /** Version of the engine. */
          version: z.string(),
          /** `path` says how the engine got it. */
          image: z.object({
            reference: z.string(),
            imageId: z.string(),
            path: z.enum(['registry', 'load', 'present']),
          }),
          /** Name of the container with the SIMULATED gateway. */
          container: z.string(),
        }),
        z.object({ isUsed: z.literal(false), reason: z.string() }),
      ]),
      durationMs: z.number(),
    }),
    {
      subject: null,
      isExclusive: true,
      shares: {
        ...{ prepare: 0.02, source: 0.05, image: 0.1, pack: 0.1, check: 0.08, carry: 0.05, import: 0.15 },
        ...{ deploy: 0.25, gitlab: 0.05, probe: 0.08, report: 0.05, 'clean-up': 0.02 },
      },
    },
  ),
};
