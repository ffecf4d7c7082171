import type { Descriptor } from '../format/oci-schemas.ts';
import type { BlobSource } from './content-source.ts';

/** Larger blobs of what is attached to an image are verified only when they are packed. */
export const maxCheckedBytes = 1024 * 1024;

/** A document with its digest, as its store has it. */
export interface FetchedDocument {
  bytes: Buffer;
  digest: string;
  mediaType: string;
}

/** Where an image and what is attached to it are stored: a registry, or a layout on disk. */
export interface ImageStore {
  /** As people write it. */
  name: string;
  /** Returns the manifest or index that a tag or digest names, if there is one. */
  manifestIfAny(reference: string): Promise<FetchedDocument | undefined>;
  /** Returns what is listed as referring to a digest. */
  referrers(digest: string): Promise<Descriptor[]>;
  /** True when the blob exists; a small one is read and verified. */
  hasBlob(one: Descriptor): Promise<boolean>;
  /** Returns a small blob, verified. */
  small(one: Descriptor): Promise<Buffer>;
  /** Returns where a blob is. */
  source(one: Descriptor): Promise<BlobSource>;
}
