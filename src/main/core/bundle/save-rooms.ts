import { appError } from '../../../shared/errors/app-error.ts';
import { blockBytes } from './format.ts';
import type { SaveOrder, SaveRoom } from './save-order.ts';

/** A piece of a file, to be written as a file of its own. */
export interface SavePiece {
  ordinal: number;
  path: string;
  sizeBytes: number;
}

/** Deals out room to files as their sizes become known. */
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
