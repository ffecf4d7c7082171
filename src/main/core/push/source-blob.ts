import type { BlobAtHand } from '../import/images/image-blobs.ts';

/** A blob of a content. Without `at`, a part of it is on a medium that is not inserted. */
export interface SourceBlob {
  digest: string;
  sizeBytes: number;
  at: BlobAtHand | undefined;
}
