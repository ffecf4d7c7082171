import { appError } from '../../../shared/errors/app-error.ts';
import type { Work } from '../jobs/work.ts';
import type { WrittenFile } from './pack-hashes.ts';
import type { PackMedium } from './pack-medium.ts';
import type { PackThread } from './pack-thread.ts';
import type { MediaPlan } from './plan-media.ts';
import type { BlobSource, ContentSource } from './source-content.ts';

/** Which blob lies where; grows while blobs are written. */
export class BlobPlaces {
  readonly #byKey = new Map<string, string>();
  readonly #media = new Map<string, Set<number>>();

  /** The digest (`sha256:…`) of a blob that was written. */
  digestOf(key: string): string {
    const digest = this.#byKey.get(key);
    if (!digest) throw new Error(`the blob ${key} was not written`);
    return digest;
  }

  isPlaced(digest: string): boolean {
    return this.#media.has(digest);
  }

  know(key: string, digest: string): void {
    this.#byKey.set(key, digest);
  }

  place(digest: string, ordinal: number): void {
    this.#media.set(digest, (this.#media.get(digest) ?? new Set()).add(ordinal));
  }

  /** True when all bytes of the blob lie on this one medium. */
  isWhollyOn(digest: string, ordinal: number): boolean {
    const media = this.#media.get(digest);
    return media?.size === 1 && media.has(ordinal);
  }
}

/**
 * Writes every planned blob, each in one pass. Bytes that turn out to lie on a medium already are kept once.
 * The answer is the number of bytes read. Throws `pack.source-damaged` when a blob is not what its digest says, and what the thread throws.
 */
export async function writeBlobs(
  context: { sources: ContentSource[]; plan: MediaPlan; media: PackMedium[]; places: BlobPlaces; thread: PackThread },
  work: Work,
): Promise<number> {
  const { plan, media, thread, places } = context;
  const blobs = new Map(context.sources.flatMap((source) => source.blobs.map((blob) => [blob.key, blob])));
  const total = [...blobs.values()].reduce((sum, blob) => sum + blob.range.sizeBytes, 0);
  let bytesRead = 0;
  let done = 0;
  for (const blob of blobs.values()) {
    work.signal.throwIfAborted();
    const item = shortName(blob.range.path);
    if (blob.digest && places.isPlaced(blob.digest)) {
      places.know(blob.key, blob.digest);
      done += blob.range.sizeBytes;
      continue;
    }
    const pieces = piecesOf(blob, plan, media);
    const order = { range: blob.range, parts: pieces.map(({ path, sizeBytes }) => ({ path, sizeBytes })) };
    const result = await thread.copy(order, (bytes) => {
      done += bytes;
      work.progress({ done, total, unit: 'bytes', item });
    });
    bytesRead += blob.range.sizeBytes;
    await keep(blob, result, pieces, places);
  }
  return bytesRead;
}

interface Piece {
  medium: PackMedium;
  path: string;
  sizeBytes: number;
}

function piecesOf(blob: BlobSource, plan: MediaPlan, media: PackMedium[]): Piece[] {
  const pieces = plan.media.flatMap(({ ordinal, pieces }) =>
    pieces.filter((piece) => piece.key === blob.key).map((piece) => ({ ...piece, ordinal })),
  );
  return pieces
    .sort((a, b) => a.offsetBytes - b.offsetBytes)
    .map(({ ordinal, sizeBytes }, index) => {
      const medium = media[ordinal - 1];
      if (!medium) throw new Error(`the plan names medium ${ordinal}`);
      return { medium, sizeBytes, path: medium.temporaryPath(String(index)) };
    });
}

async function keep(
  blob: BlobSource,
  result: Awaited<ReturnType<PackThread['copy']>>,
  pieces: Piece[],
  places: BlobPlaces,
): Promise<void> {
  const digest = `sha256:${result.sha256}`;
  if (blob.digest && blob.digest !== digest) {
    throw appError('pack.source-damaged', { path: blob.range.path, expected: blob.digest, found: digest });
  }
  places.know(blob.key, digest);
  const parts = pieces.map(({ medium, path }, index) => {
    const written = result.parts[index];
    if (!written) throw new Error(`part ${index} of ${digest} was not written`);
    return { medium, path, written };
  });
  await keepParts(result.sha256, parts, places);
}

/** Gives the written parts of a blob their names, or removes them when the blob lies on a medium already. */
export async function keepParts(
  sha256: string,
  parts: { medium: PackMedium; path: string; written: WrittenFile }[],
  places: BlobPlaces,
): Promise<void> {
  const digest = `sha256:${sha256}`;
  const isThere = places.isPlaced(digest);
  for (const [index, { medium, path, written }] of parts.entries()) {
    medium.bytesWritten += written.sizeBytes;
    if (isThere) {
      await medium.dropBlob(path);
      continue;
    }
    const suffix = parts.length > 1 ? `.${String(index).padStart(3, '0')}` : '';
    await medium.keepBlob(path, sha256, suffix, written);
    places.place(digest, medium.ordinal);
  }
}

function shortName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
