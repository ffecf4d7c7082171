import type { Work } from '../../work.ts';
import { type ContentSource, plannedBlobs } from '../sources/content-source.ts';
import type { SaveRoom } from '../sources/save-order.ts';
import { keepParts } from './pack-blobs.ts';
import type { Packing, WrittenTotals } from './packing.ts';
import type { PackMedium } from './write-medium.ts';

/**
 * Writes the images that engines stream: first to the room that the plan reserved for them, then to spare room. An engine streams an
 * image from its start again after an interruption; what the media hold of it is kept. Throws what `saveImages` throws.
 */
export async function writeSaved(packing: Packing, work: Work): Promise<WrittenTotals> {
  const { plan, media, thread, ledger } = packing;
  const totals: WrittenTotals = { bytesRead: 0, resumedBytes: 0 };
  for (const [engine, sources] of byEngine(packing.sources)) {
    work.signal.throwIfAborted();
    const references = sources.map((one) => one.name);
    const total = sources.reduce((sum, one) => sum + (one.saved?.estimateBytes ?? 0), 0);
    let done = 0;
    const rooms = roomsFor(sources, packing);
    const order = { engine, references, rooms, partBytes: plan.partBytes, ledger: ledger.path };
    const result = await thread.save(order, (bytes) => {
      // The estimate may have been too low.
      done = Math.min(total, done + bytes);
      work.progress({ done, total, unit: 'bytes', item: references.join(', ') });
    });
    totals.bytesRead += result.bytesRead;
    for (const { sha256, parts } of result.blobs.values()) {
      const pieces = parts.map(({ ordinal, ...part }) => {
        const medium = media[ordinal - 1];
        if (!medium) throw new Error(`the thread wrote to medium ${ordinal}`);
        totals.resumedBytes += part.keptBytes;
        return { medium, ...part };
      });
      await keepParts(sha256, pieces, packing);
    }
    for (const source of sources) source.saved?.take(result);
  }
  return totals;
}

function byEngine(sources: ContentSource[]): Map<string, ContentSource[]> {
  const found = new Map<string, ContentSource[]>();
  for (const source of sources) {
    if (!source.saved) continue;
    const { engine } = source.saved;
    found.set(engine, [...(found.get(engine) ?? []), source]);
  }
  return found;
}

/** The room reserved for these images in the order of the media, then the room that no content reserved. */
function roomsFor(sources: ContentSource[], { plan, media, mediumBytes }: Packing): SaveRoom[] {
  const keys = new Set(sources.flatMap(plannedBlobs).map((blob) => blob.key));
  const rooms: SaveRoom[] = [];
  const spareBytes = new Map<string, number>();
  for (const { target } of media) spareBytes.set(target.device, target.freeBytes);
  for (const { ordinal, reservedBytes } of plan.media) {
    const device = media[ordinal - 1]?.target.device ?? '';
    spareBytes.set(device, (spareBytes.get(device) ?? 0) - reservedBytes);
  }
  const room = (medium: PackMedium, sizeBytes: number, name: string): SaveRoom => ({
    ordinal: medium.ordinal,
    sizeBytes,
    temporary: medium.temporaryPath(`saved-${name}`).replace(/\.part$/, ''),
    path: medium.target.path,
  });
  for (const { ordinal, pieces } of plan.media) {
    const medium = media[ordinal - 1];
    const own = pieces.filter((piece) => keys.has(piece.key)).reduce((sum, piece) => sum + piece.sizeBytes, 0);
    if (medium && own > 0) rooms.push(room(medium, own, 'planned'));
  }
  for (const { ordinal, reservedBytes } of plan.media) {
    const medium = media[ordinal - 1];
    if (!medium) continue;
    const left = spareBytes.get(medium.target.device) ?? 0;
    const spare = Math.min(left, (mediumBytes ?? Number.POSITIVE_INFINITY) - reservedBytes);
    if (spare <= 0) continue;
    rooms.push(room(medium, spare, 'spare'));
    spareBytes.set(medium.target.device, left - spare);
  }
  return rooms;
}
