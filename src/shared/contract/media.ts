import { z } from 'zod';
import { call, stream } from '../rpc/contract.ts';

const sizeBytes = z.int().nonnegative();
const folder = z.string().max(4096);

const carrier = z.object({
  /** Root of the medium, as expected by `bundle.inspect`, `imports.plan` and `imports.run`. */
  path: z.string(),
  /** The folder in the wizard's answers that led here; absent if it was found among the mounted filesystems. */
  addedAs: z.string().optional(),
  /** The system's name for its filesystem, such as `vfat`; empty if unknown. */
  filesystem: z.string(),
  sizeBytes,
  freeBytes: sizeBytes,
  /** Changes when another medium is inserted; empty if it cannot be read. */
  mark: z.string(),
  /** Why it cannot be read now. Signatures are not checked here. */
  problem: z.string().optional(),
});
/** A folder that contains, or should contain, a medium of a bundle. */
export type Carrier = z.infer<typeof carrier>;

/** The media of bundles on this machine. */
export const media = {
  /**
   * Yields the mounted filesystems with a Sealift medium and the folders in the wizard's answers, then again on each change (polled every
   * 2 s). A mount that does not answer is left out, and such a folder gets a `problem`; neither delays the others.
   */
  watch: stream(z.object({}), z.object({ carriers: z.array(carrier) })),
  /**
   * Returns where to start choosing a file or folder: mount points of removable media, whatever they contain, and the folders of earlier
   * answers. No medium is touched for this, so one that does not answer delays nothing.
   */
  places: call(z.object({}), z.object({ media: z.array(folder), recent: z.array(folder) })),
};
