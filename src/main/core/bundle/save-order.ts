import type { WrittenFile } from './pack-hashes.ts';

/** Room on a medium for what an engine streams. */
export interface SaveRoom {
  /** The medium's ordinal. */
  ordinal: number;
  sizeBytes: number;
  /** Files are written as `<temporary>-<number>.part`. */
  temporary: string;
  /** The medium's folder, for errors. */
  path: string;
}

/** Images to be saved by one engine, and where their bytes may go, in order. */
export interface SaveOrder {
  engine: string;
  references: string[];
  rooms: SaveRoom[];
  partBytes: number;
}

/** A file of the stream that was written to media, in parts when it has more than one. */
export interface SavedBlob {
  /** Hex digest of the whole. */
  sha256: string;
  sizeBytes: number;
  /** Its first four bytes. */
  start: Uint8Array;
  parts: { ordinal: number; path: string; written: WrittenFile }[];
}

/** What a stream held, by names: small files, written files, and links to others of its names. */
export interface SaveResult {
  small: Map<string, Uint8Array>;
  blobs: Map<string, SavedBlob>;
  links: Map<string, string>;
  bytesRead: number;
}
