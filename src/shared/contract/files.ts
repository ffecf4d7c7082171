import { z } from 'zod';
import { call } from '../rpc/contract.ts';

const path = z.string().max(4096);

/** Looking for a file or folder where no file dialogue of a desktop is at hand. */
export const files = {
  /**
   * What lies in a folder, folders first; without a path, in the home folder of whoever runs Sealift. Only names and sizes, at most
   * 2000. `file.missing`, `file.denied` or `file.silent` when the folder cannot be read.
   */
  list: call(
    z.object({ path: path.optional() }),
    z.object({
      /** Absolute; links in it are resolved. */
      path,
      /** Absent at the top. */
      parent: path.optional(),
      entries: z.array(
        z.object({ name: z.string(), kind: z.enum(['folder', 'file']), sizeBytes: z.int().nonnegative().optional() }),
      ),
      /** True when there is more than is listed. */
      isCut: z.boolean(),
    }),
  ),
};
