import { z } from 'zod';
import { call } from '../rpc/contract.ts';

const shellKind = z.enum(['browser', 'window', 'cli']);

const commands = z.object({
  names: z.array(z.string()),
  /** What starts them, if that is not `sealift`. */
  program: z.string().optional(),
  /** The data folder, if commands must name it. */
  home: z.string().optional(),
});

/** The kind of shell, and the names of what only this kind can do (none in a browser or a terminal). */
export interface Shell {
  kind: z.infer<typeof shellKind>;
  capabilities: string[];
  /** The terminal's commands, used to complete commands within texts; absent if there is no terminal. */
  commands?: z.infer<typeof commands>;
}

/** The first call on a connection. */
export const shell = {
  hello: call(
    z.object({}),
    z.object({
      /** Version of Sealift. */
      version: z.string(),
      /** Equal on both sides if they use the same contract; otherwise the page must be reloaded. */
      contractHash: z.string(),
      shell: shellKind,
      /** False: methods that write are refused because `owner` holds the lock of the data folder. */
      mayWrite: z.boolean(),
      owner: z.string().optional(),
      capabilities: z.array(z.string()),
      commands: commands.optional(),
    }),
  ),
};
