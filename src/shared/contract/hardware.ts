import { z } from 'zod';
import { readiness } from '../readiness.ts';
import { job } from '../rpc/contract.ts';

const path = z.string().min(1).max(4096);

/** What this machine is, and what stands in the way. */
export const hardware = {
  check: job(
    'Check this machine',
    z.object({
      /** The folder that will hold the weights; default: the store in the data folder. */
      storePath: path.optional(),
      /** Where the report is written: a name that ends in `.html`, `.pdf` or `.json`. Signed beside it where the site has a key. */
      reportPath: path.optional(),
      /** Where the carry-out file is written: a name that ends in `.json`. */
      carryOutPath: path.optional(),
      /** A file, or a folder to write one into for a moment: how fast that disk reads. */
      measurePath: path.optional(),
      /** A GitLab to look at: the only address that is contacted. */
      gitlab: z
        .object({
          url: z.string().min(1).max(500),
          /** A PEM file of certificates to trust besides those of the machine. */
          caFile: path.optional(),
          /** A token with the scope read_api, for the version; without it `tokenFile`. Never stored. */
          token: z.string().min(1).max(500).optional(),
          tokenFile: path.optional(),
        })
        .optional(),
    }),
    readiness.extend({
      report: path.optional(),
      /** Path of the report's signature; without it `unsigned` says why there is none. */
      signature: path.optional(),
      unsigned: z.string().optional(),
      carryOut: path.optional(),
    }),
    { writes: false },
  ),
};
