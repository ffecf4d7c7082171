import type { ContentSource } from '../sources/content-source.ts';
import type { BlobPlaces } from './blob-places.ts';
import type { PackLedger } from './pack-ledger.ts';
import type { PackThread } from './pack-thread.ts';
import type { MediaPlan } from './plan-media.ts';
import type { PackMedium } from './write-medium.ts';

/** The state of a packing run. */
export interface Packing {
  sources: ContentSource[];
  plan: MediaPlan;
  media: PackMedium[];
  /** No medium may become larger than this. */
  mediumBytes: number | undefined;
  places: BlobPlaces;
  thread: PackThread;
  ledger: PackLedger;
}

/** Bytes that were read from the sources, and bytes that the media held already. */
export interface WrittenTotals {
  bytesRead: number;
  resumedBytes: number;
}
