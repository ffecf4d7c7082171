import { z } from 'zod';
import { readiness } from '../readiness.ts';
import { job } from '../rpc/contract.ts';

const path = z.string().min(1).max(4096);

/** Facts about this machine, and what prevents serving models on it. */
export const hardware = {
  check: job(
    'Checking this machine',
    z.object({
      /** The folder that will hold the weights; default: the store in the data folder. */
      storePath: path.optional(),
      /** Where to write the report: a name that ends in `.html`, `.pdf` or `.json`. The signature is written next to it if the site has a key. */
      reportPath: path.optional(),
      /** Where to write the readiness file for the connected side: a name that ends in `.json`. */
      carryOutPath: path.optional(),
      /** Where to measure the read speed of a disk: a file, or a folder in which a temporary file is created. */
      measurePath: path.optional(),
      /** A GitLab to examine: the only address that is contacted. */
      gitlab: z
        .object({
          url: z.string().min(1).max(500),
          /** A PEM file with certificates to trust in addition to the machine's own. */
          caFile: path.optional(),
          /** A token with the scope read_api, to read the version. Never stored. Default: the one in `tokenFile`. */
          token: z.string().min(1).max(500).optional(),
          tokenFile: path.optional(),
        })
        .optional(),
    }),
    readiness.extend({
      report: path.optional(),
      /** Path of the report's signature; if absent, `unsigned` has the reason. */
      signature: path.optional(),
      unsigned: z.string().optional(),
      carryOut: path.optional(),
    }),
    { subject: null, writes: false },
  ),
};
