import { z } from 'zod';
import { call } from '../rpc/contract.ts';

const shellKind = z.enum(['browser', 'window', 'cli']);

/** Which shell shows the core to people, and the names of what only this kind of shell can do (none in a browser or a terminal). */
export interface Shell {
  kind: z.infer<typeof shellKind>;
  capabilities: string[];
}

/** The first question on a connection. */
export const shell = {
  hello: call(
    z.object({}),
    z.object({
      /** Version of Sealift. */
      version: z.string(),
      /** Equal on both sides when they speak the same contract: else the page must be loaded again. */
      contractHash: z.string(),
      shell: shellKind,
      /** False: methods that write are refused, because `owner` holds the lock of the data folder. */
      mayWrite: z.boolean(),
      owner: z.string().optional(),
      capabilities: z.array(z.string()),
    }),
  ),
};
