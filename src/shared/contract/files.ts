import { z } from 'zod';
import { call } from '../rpc/contract.ts';

const path = z.string().max(4096);

/** Browsing files and folders where no desktop file dialogue is available. */
export const files = {
  /**
   * Lists a folder, folders first. The default is the home folder of the user who runs Sealift. Returns only names and sizes, at most
   * 2000. Throws `file.missing`, `file.denied` or `file.silent` if the folder cannot be read.
   */
  list: call(
    z.object({ path: path.optional() }),
    z.object({
      /** Absolute, with links resolved. */
      path,
      /** Absent at the top. */
      parent: path.optional(),
      entries: z.array(
        z.object({ name: z.string(), kind: z.enum(['folder', 'file']), sizeBytes: z.int().nonnegative().optional() }),
      ),
      /** True if the list was cut off. */
      isCut: z.boolean(),
    }),
  ),
};
