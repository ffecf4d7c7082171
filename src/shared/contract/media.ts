import { z } from 'zod';
import { stream } from '../rpc/contract.ts';

const sizeBytes = z.int().nonnegative();

const carrier = z.object({
  /** The medium's root: what `bundle.inspect`, `imports.plan` and `imports.run` take. */
  path: z.string(),
  /** The folder of the wizard's answers that led there; absent for what was found among the mounted filesystems. */
  addedAs: z.string().optional(),
  /** Its filesystem as the system names it, such as `vfat`; empty when that is not known. */
  filesystem: z.string(),
  sizeBytes,
  freeBytes: sizeBytes,
  /** Changes when another medium takes its place; empty when it cannot be read. */
  mark: z.string(),
  /** Why it cannot be read now. Nothing is said about signatures here. */
  problem: z.string().optional(),
});
/** A folder that holds, or should hold, a medium of a bundle. */
export type Carrier = z.infer<typeof carrier>;

/** Where media of bundles are on this machine. */
export const media = {
  /**
   * Mounted filesystems with a Sealift medium, and the folders of the wizard's answers: at once, then whenever that changes (looked at
   * every 2 s). A mount that does not answer is left out, an added folder that does not has a `problem`; neither delays the others.
   */
  watch: stream(z.object({}), z.object({ carriers: z.array(carrier) })),
};
