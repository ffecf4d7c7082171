import { appError } from '../../../../shared/errors/app-error.ts';
import type { WrittenFile } from '../format/block-hashes.ts';
import { blockBytes } from '../format/format.ts';

/** Room on a medium for files that an engine streams. */
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
  /** The file that gets each block once it is written. */
  ledger: string;
}

/** A file of the stream that was written to media, in parts when it has more than one. */
export interface SavedBlob {
  /** Hex digest of the whole. */
  sha256: string;
  sizeBytes: number;
  /** Its first four bytes. */
  start: Uint8Array;
  /** `keptBytes` of a part were there before. */
  parts: { ordinal: number; path: string; written: WrittenFile; keptBytes: number }[];
}

/** The contents of a stream by name: small files, written files, and links to other names. */
export interface SaveResult {
  small: Map<string, Uint8Array>;
  blobs: Map<string, SavedBlob>;
  links: Map<string, string>;
  /** What each compressed file unpacks to: its digest (hex), undefined if it cannot be unpacked to its end. Lacks what Node cannot unpack. */
  unpacked: Map<string, { sha256: string | undefined }>;
  bytesRead: number;
}

/** A piece of a file, to be written as a file of its own. */
export interface SavePiece {
  ordinal: number;
  path: string;
  sizeBytes: number;
}

/** Allocates room to files as their sizes become known. */
export class SaveRooms {
  readonly #rooms: (SaveRoom & { leftBytes: number })[];
  readonly #partBytes: number;
  #count = 0;

  constructor({ rooms, partBytes }: Pick<SaveOrder, 'rooms' | 'partBytes'>) {
    this.#rooms = rooms.map((room) => ({ ...room, leftBytes: room.sizeBytes }));
    this.#partBytes = partBytes;
  }

  /** Pieces for a file of this size: all on the first medium with room for it, else spread in order. Throws `space.short`. */
  take(sizeBytes: number): SavePiece[] {
    const whole = this.#rooms.find((room) => room.leftBytes >= sizeBytes);
    const pieces: SavePiece[] = [];
    let restBytes = sizeBytes;
    for (const room of whole ? [whole] : this.#rooms) {
      for (let fit = this.#fit(room.leftBytes, restBytes); fit > 0; fit = this.#fit(room.leftBytes, restBytes)) {
        room.leftBytes -= fit;
        restBytes -= fit;
        pieces.push({ ordinal: room.ordinal, sizeBytes: fit, path: `${room.temporary}-${this.#count++}.part` });
      }
    }
    if (restBytes > 0) throw this.#shortage(sizeBytes, restBytes);
    return pieces;
  }

  /** Parts but the last are whole blocks, so that damage and resume are counted in the same blocks everywhere. */
  #fit(leftBytes: number, restBytes: number): number {
    const most = Math.min(leftBytes, restBytes, this.#partBytes);
    const unitBytes = Math.min(blockBytes, this.#partBytes);
    return most === restBytes ? most : Math.floor(most / unitBytes) * unitBytes;
  }

  #shortage(sizeBytes: number, restBytes: number): Error {
    const media = [...new Set(this.#rooms.map((room) => room.path))];
    return appError('space.short', {
      path: media.join(', '),
      media,
      neededBytes: sizeBytes,
      freeBytes: sizeBytes - restBytes,
    });
  }
}
