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
      /** Where the report is written: a name that ends in `.html` or `.json`. */
      reportPath: path.optional(),
      /** Where the carry-out file is written: a name that ends in `.json`. */
      carryOutPath: path.optional(),
    }),
    readiness.extend({ report: path.optional(), carryOut: path.optional() }),
    { writes: false },
  ),
};
