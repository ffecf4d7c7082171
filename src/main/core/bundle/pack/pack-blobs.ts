import { digestOf } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { shortUrl } from '../../remote/remote-bytes.ts';
import type { Work } from '../../work.ts';
import { refuseOtherContent } from '../sources/check-layers.ts';
import { type BlobSource, placeOf } from '../sources/content-source.ts';
import type { CopyResult, WrittenPart } from './copy-order.ts';
import { ledgerFile } from './pack-ledger.ts';
import type { Packing, WrittenTotals } from './packing.ts';
import type { PackMedium } from './write-medium.ts';

/**
 * Writes every planned blob, each in one pass. Bytes that turn out to be on a medium already are kept once.
 * Throws `pack.source-damaged` or `remote.wrong-bytes` when a blob does not match its digest, `pack.image-incomplete` for a layer that
 * unpacks to something else than its image's configuration has, and what the thread throws.
 */
export async function writeBlobs(packing: Packing, work: Work): Promise<WrittenTotals> {
  const { thread, places, ledger } = packing;
  const blobs = new Map(packing.sources.flatMap((source) => source.blobs.map((blob) => [blob.key, blob])));
  const total = [...blobs.values()].reduce((sum, blob) => sum + blob.range.sizeBytes, 0);
  const totals: WrittenTotals = { bytesRead: 0, resumedBytes: 0 };
  let done = 0;
  for (const blob of blobs.values()) {
    work.signal.throwIfAborted();
    const item = shortName(placeOf(blob));
    const pieces = piecesOf(blob, packing);
    const known = blob.digest ?? ledger.twinOf(pieces[0]?.file ?? '');
    if (known && places.isPlaced(known)) {
      places.know(blob.key, known);
      done += blob.range.sizeBytes;
      work.progress({ done, total, unit: 'bytes', item });
      continue;
    }
    const { range, access } = blob;
    const isPacked = blob.diffId !== undefined;
    const parts = pieces.map(({ path, sizeBytes, file }) => ({ path, sizeBytes, file, kept: ledger.blocks(file) }));
    const result = await thread.copy({ range, access, parts, isPacked, ledger: ledger.path }, (bytes) => {
      done += bytes;
      work.progress({ done, total, unit: 'bytes', item });
    });
    const keptBytes = result.parts.reduce((sum, part) => sum + part.keptBytes, 0);
    totals.bytesRead += blob.range.sizeBytes - keptBytes;
    totals.resumedBytes += keptBytes;
    await keep(blob, result, pieces, packing);
  }
  return totals;
}

interface Piece {
  medium: PackMedium;
  path: string;
  sizeBytes: number;
  /** Its name in the ledger. */
  file: string;
}

/** The name of a piece says what it holds, so that a resumed run finds it. */
function piecesOf(blob: BlobSource, { plan, media }: Packing): Piece[] {
  const pieces = plan.media.flatMap(({ ordinal, pieces }) =>
    pieces.filter((piece) => piece.key === blob.key).map((piece) => ({ ...piece, ordinal })),
  );
  return pieces
    .sort((a, b) => a.offsetBytes - b.offsetBytes)
    .map(({ ordinal, offsetBytes, sizeBytes }) => {
      const medium = media[ordinal - 1];
      if (!medium) throw new Error(`the plan names medium ${ordinal}`);
      const path = medium.temporaryPath(sha256Hex(`${blob.key} ${offsetBytes} ${sizeBytes}`).slice(0, 32));
      return { medium, sizeBytes, path, file: ledgerFile(ordinal, path) };
    });
}

async function keep(blob: BlobSource, result: CopyResult, pieces: Piece[], packing: Packing): Promise<void> {
  const digest = digestOf(result.sha256);
  if (blob.digest && blob.digest !== digest) {
    if (!('url' in blob.range)) {
      throw appError('pack.source-damaged', { path: blob.range.path, expected: blob.digest, found: digest });
    }
    for (const { file } of pieces) await packing.ledger.distrust(file);
    throw appError('remote.wrong-bytes', { url: shortUrl(blob.range.url), expected: blob.digest, found: digest });
  }
  refuseOther(blob, digest, result, packing);
  packing.places.know(blob.key, digest);
  const parts = pieces.map(({ medium, path }, index) => {
    const part = result.parts[index];
    if (!part) throw new Error(`part ${index} of ${digest} was not written`);
    return { medium, path, ...part };
  });
  await keepParts(result.sha256, parts, packing);
}

/* A layer may be in several images, each with a configuration of its own. */
function refuseOther({ key }: BlobSource, digest: string, { unpacked }: CopyResult, { sources }: Packing): void {
  if (!unpacked) return;
  for (const { name, blobs } of sources) {
    const wanted = blobs.find((blob) => blob.key === key)?.diffId;
    if (wanted !== undefined) refuseOtherContent(name, digest, { wanted, unpacked });
  }
}

/** Renames the written parts of a blob to their final names, or removes them when the blob is already on a medium. */
export async function keepParts(
  sha256: string,
  parts: ({ medium: PackMedium; path: string } & WrittenPart)[],
  { places, ledger }: Pick<Packing, 'places' | 'ledger'>,
): Promise<void> {
  const digest = digestOf(sha256);
  const isThere = places.isPlaced(digest);
  for (const [index, { medium, path, written, keptBytes }] of parts.entries()) {
    medium.bytesWritten += written.sizeBytes - keptBytes;
    const file = ledgerFile(medium.ordinal, path);
    if (isThere) {
      await ledger.twin(file, digest);
      await medium.dropBlob(path);
      continue;
    }
    const suffix = parts.length > 1 ? `.${String(index).padStart(3, '0')}` : '';
    await ledger.name(file, sha256 + suffix);
    await medium.keepBlob(path, sha256, suffix, written);
    places.place(digest, medium.ordinal);
  }
}

function shortName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
