import { appError } from '../../../../shared/errors/app-error.ts';
import { blockBytes } from '../format/format.ts';
import { fileCost, mediumCost } from './plan-cost.ts';

/** A blob to be placed; equal keys are placed once. */
interface PlanBlob {
  key: string;
  sizeBytes: number;
}

/** A content to be placed, on one medium where it fits. `madeBytes`: upper bound of what is generated for it. */
export interface PlanItem {
  name: string;
  blobs: PlanBlob[];
  madeBytes: number;
}

/** A folder that can become a medium. Targets of one `filesystem` share its free bytes. */
export interface PlanTarget {
  path: string;
  filesystem: string;
  freeBytes: number;
  /** The medium may not become larger than this. */
  limitBytes?: number;
  /** Files take whole clusters of this size. */
  clusterBytes: number;
}

export interface PlanOptions {
  /** No file becomes larger than this. */
  partBytes: number;
  /** Bytes of the pages that each medium has in addition to the usual ones. */
  pageBytes?: number;
  /** Sizes of files that the first medium must hold besides the contents. */
  firstSizes?: number[];
}

/** One file to be written: a whole blob, or the part of it that starts at `offsetBytes`. */
export interface PlannedPiece {
  key: string;
  offsetBytes: number;
  sizeBytes: number;
}

interface PlannedMedium {
  ordinal: number;
  path: string;
  pieces: PlannedPiece[];
  /** Contents whose manifest is written here, which is the last medium that they need. */
  manifests: string[];
  /** Reserved space, in whole clusters and including the lists. */
  reservedBytes: number;
}

/** Which files go to which media. Unneeded media are left out; ordinals count from 1 in the order of the targets. */
export interface MediaPlan {
  /** Blobs with more bytes are cut: each part but the last has exactly this size. */
  partBytes: number;
  media: PlannedMedium[];
}

const maxParts = 1000;
const smallerEachTime = 4;
const leastSmallPartBytes = 64 * 1024;
/** A content's rows in the head, the index and START-HERE.html, in addition to its manifest. */
const headRowBytes = 2048;

/**
 * Places every blob exactly once: each content whole on the first medium where it fits, largest first; what fits nowhere is
 * spread, blob by blob, then part by part. When gaps at the ends of media are all that is missing, smaller parts are tried.
 * Throws `space.short`, or `input.invalid` when a blob would need more than 1000 parts.
 */
export function planMedia(items: PlanItem[], targets: PlanTarget[], options: PlanOptions): MediaPlan {
  const largest = Math.max(0, ...items.flatMap((item) => item.blobs.map((blob) => blob.sizeBytes)));
  if (largest > options.partBytes * maxParts) {
    const issue = `a file of ${largest} bytes would need more than ${maxParts} parts: use at least ${wholeBlocks(largest / maxParts)}`;
    throw appError('input.invalid', { what: 'the part size', issues: [issue] });
  }
  let { partBytes } = options;
  for (;;) {
    const attempt = new Placement(items, targets, { ...options, partBytes });
    if (attempt.missingBytes === 0) return { partBytes, media: attempt.media() };
    // Parts below one block are for small media only, where the caller asked for such parts.
    const unitBytes = options.partBytes < blockBytes ? leastSmallPartBytes : blockBytes;
    const smaller = Math.floor(partBytes / smallerEachTime / unitBytes) * unitBytes;
    if (smaller < Math.max(Math.ceil(largest / maxParts), unitBytes)) throw attempt.shortage();
    partBytes = smaller;
  }
}

function wholeBlocks(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

interface OpenMedium {
  target: PlanTarget;
  pieces: PlannedPiece[];
  manifests: string[];
  usedBytes: number;
}

/** A file, or a few that belong together, of these sizes. */
interface Thing {
  sizes: number[];
  put(medium: OpenMedium): void;
}

/** One attempt to place everything with one part size. */
class Placement {
  missingBytes = 0;
  readonly #media: OpenMedium[];
  readonly #freeBytes = new Map<string, number>();
  /** The index of the last medium that holds bytes of a blob. */
  readonly #placedOn = new Map<string, number>();
  readonly #partBytes: number;
  readonly #headBytes: number;

  constructor(items: PlanItem[], targets: PlanTarget[], { partBytes, pageBytes = 0, firstSizes = [] }: PlanOptions) {
    this.#partBytes = partBytes;
    this.#headBytes = items.reduce((sum, item) => sum + item.madeBytes + headRowBytes, pageBytes);
    this.#media = targets.map((target) => ({ target, pieces: [], manifests: [], usedBytes: 0 }));
    for (const { filesystem, freeBytes } of targets) {
      this.#freeBytes.set(filesystem, Math.min(freeBytes, this.#freeBytes.get(filesystem) ?? freeBytes));
    }
    if (firstSizes.length > 0) this.#put({ sizes: firstSizes, put: () => undefined }, this.#media.slice(0, 1));
    for (const item of [...items].sort((a, b) => totalBytes(b) - totalBytes(a))) this.#place(item);
  }

  media(): PlannedMedium[] {
    return this.#media
      .filter((medium) => medium.usedBytes > 0)
      .map(({ target, pieces, manifests, usedBytes }, index) => ({
        ordinal: index + 1,
        path: target.path,
        pieces,
        manifests,
        reservedBytes: usedBytes,
      }));
  }

  shortage(): Error {
    const freeBytes = this.#media.reduce((sum, medium) => sum + medium.usedBytes, 0) + this.#roomLeft();
    const media = this.#media.map((medium) => medium.target.path);
    return appError('space.short', {
      path: media.join(', '),
      media,
      neededBytes: freeBytes + this.missingBytes,
      freeBytes,
    });
  }

  #place(item: PlanItem): void {
    const blobs = [...new Map(item.blobs.map((blob) => [blob.key, blob])).values()];
    const fresh = blobs.filter((blob) => !this.#placedOn.has(blob.key));
    const made: Thing = { sizes: [item.madeBytes, 0], put: (medium) => medium.manifests.push(item.name) };
    const sizes = fresh.flatMap((blob) => cut(blob, this.#partBytes).map((piece) => piece.sizeBytes));
    const whole = this.#media.find((medium) => this.#fits(medium, [...sizes, ...made.sizes]));
    for (const blob of fresh) this.#placeBlob(blob, whole);
    // After its last blob, so that someone who reads the media in order has seen all that it names.
    const last = Math.max(0, ...blobs.map((blob) => this.#placedOn.get(blob.key) ?? 0));
    this.#put(made, [...this.#media.slice(last), ...this.#media.slice(0, last)]);
  }

  #placeBlob(blob: PlanBlob, whole: OpenMedium | undefined): void {
    const pieces = cut(blob, this.#partBytes);
    const sizes = pieces.map((piece) => piece.sizeBytes);
    const roomy = whole ?? this.#media.find((medium) => this.#fits(medium, sizes));
    for (const piece of pieces) this.#put(this.#pieceThing(piece), roomy ? [roomy] : this.#media);
  }

  #pieceThing(piece: PlannedPiece): Thing {
    return {
      sizes: [piece.sizeBytes],
      put: (medium) => {
        medium.pieces.push(piece);
        const before = this.#placedOn.get(piece.key) ?? 0;
        this.#placedOn.set(piece.key, Math.max(before, this.#media.indexOf(medium)));
      },
    };
  }

  /** Puts one thing on the first medium that has room for it, or counts it as missing. */
  #put(thing: Thing, candidates: OpenMedium[]): void {
    const medium = candidates.find((one) => this.#fits(one, thing.sizes));
    if (!medium) {
      this.missingBytes += Math.max(1, ...thing.sizes);
      return;
    }
    this.#use(medium, this.#cost(medium, thing.sizes));
    thing.put(medium);
  }

  #fits(medium: OpenMedium, sizes: number[]): boolean {
    return this.#cost(medium, sizes) <= this.#room(medium);
  }

  #cost(medium: OpenMedium, sizes: number[]): number {
    const { clusterBytes } = medium.target;
    const opening = medium.usedBytes === 0 ? mediumCost(this.#headBytes, clusterBytes) : 0;
    return sizes.reduce((sum, sizeBytes) => sum + fileCost(sizeBytes, clusterBytes), opening);
  }

  #room(medium: OpenMedium): number {
    const { limitBytes, filesystem } = medium.target;
    return Math.min((limitBytes ?? Number.POSITIVE_INFINITY) - medium.usedBytes, this.#freeBytes.get(filesystem) ?? 0);
  }

  #roomLeft(): number {
    const byFilesystem = new Map<string, number>();
    for (const medium of this.#media) {
      const { filesystem } = medium.target;
      const room = Math.max(0, this.#room(medium));
      const free = Math.max(0, this.#freeBytes.get(filesystem) ?? 0);
      byFilesystem.set(filesystem, Math.min(free, (byFilesystem.get(filesystem) ?? 0) + room));
    }
    return [...byFilesystem.values()].reduce((sum, room) => sum + room, 0);
  }

  #use(medium: OpenMedium, costBytes: number): void {
    medium.usedBytes += costBytes;
    const { filesystem } = medium.target;
    this.#freeBytes.set(filesystem, (this.#freeBytes.get(filesystem) ?? 0) - costBytes);
  }
}

function totalBytes(item: PlanItem): number {
  return item.blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0);
}

function cut({ key, sizeBytes }: PlanBlob, partBytes: number): PlannedPiece[] {
  const count = Math.max(1, Math.ceil(sizeBytes / partBytes));
  return Array.from({ length: count }, (_, index) => {
    const offsetBytes = index * partBytes;
    return { key, offsetBytes, sizeBytes: Math.min(partBytes, sizeBytes - offsetBytes) };
  });
}
