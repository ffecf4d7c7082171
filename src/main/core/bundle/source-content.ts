import type { BundleContent } from './format.ts';
import type { SaveResult } from './save-order.ts';

/** Bytes that lie in a file on the connected side; `sizeBytes` from `offsetBytes`. The file's own size and time tell whether it changed. */
export interface ByteRange {
  path: string;
  offsetBytes: number;
  sizeBytes: number;
  fileSizeBytes: number;
  fileMtimeMs: number;
}

/** What will become one blob. Equal keys are equal bytes; unequal keys may turn out to be. */
export interface BlobSource {
  key: string;
  /** Known beforehand (`sha256:…`), then checked while copying. */
  digest?: string;
  range: ByteRange;
}

/** The parts of a content that can only be made when the digests of its blobs are known. */
export interface FinishedContent {
  /** Blobs that have no source: a config of ours. */
  made: Buffer[];
  manifest: Buffer;
  mediaType: string;
  artifactType?: string;
  /** Config first, then layers, as in the manifest. */
  blobs: { digest: string; sizeBytes: number }[];
}

/** An image that its engine streams while packing: digests and sizes of what it has are known only then. */
export interface SavedImage {
  /** The engine's address. */
  engine: string;
  reference: string;
  /** What the image takes on the media, from the engine's own figures. */
  estimateBytes: number;
  /** To be called with what the stream held, before `finish`. */
  take(saved: SaveResult): void;
}

/** One content, found and checked, but not read. */
export interface ContentSource {
  kind: BundleContent['kind'];
  name: string;
  source: string;
  licence?: string;
  isPublisherDigest: boolean;
  /** Empty for an image that an engine streams. */
  blobs: BlobSource[];
  saved?: SavedImage;
  /** Real paths of what was named in the bundle description. */
  roots: string[];
  /** An upper bound for manifest and made blobs together. */
  madeBytes: number;
  finish(digestOf: (key: string) => string): FinishedContent;
}

/** What a source takes on the media besides what is made for it, in pieces that are placed one by one. */
export function plannedBlobs({ kind, name, blobs, saved }: ContentSource): { key: string; sizeBytes: number }[] {
  if (saved) return [{ key: `saved ${kind} ${name}`, sizeBytes: saved.estimateBytes }];
  return blobs.map(({ key, range }) => ({ key, sizeBytes: range.sizeBytes }));
}
