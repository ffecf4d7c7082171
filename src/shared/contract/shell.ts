import { z } from 'zod';
import { call } from '../rpc/contract.ts';

const shellKind = z.enum(['browser', 'window', 'cli']);

const commands = z.object({
  names: z.array(z.string()),
  /** The data folder, where commands must name it. */
  home: z.string().optional(),
});

/** Which shell shows the core to people, and the names of what only this kind of shell can do (none in a browser or a terminal). */
export interface Shell {
  kind: z.infer<typeof shellKind>;
  capabilities: string[];
  /** The commands of the terminal, so that those within texts can be shown as they must be typed; absent where there is none. */
  commands?: z.infer<typeof commands>;
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
      commands: commands.optional(),
    }),
  ),
};
