import { hexOf } from '../../../../shared/digest.ts';
import { planBlob } from '../../bundle/read/blob-plan.ts';
import type { OpenBundle } from '../../bundle/read/open-media.ts';
import { blobsOf, type PlannedImage } from '../../bundle/read/planned-image.ts';
import type { SignedBundle } from '../../bundle/read/refuse-single.ts';
import type { StorePaths } from '../../store/store-paths.ts';
import { blobAtHand } from '../images/image-blobs.ts';
import { canBeWhole, readLedger } from '../weights/ledger.ts';

type Blob = ReturnType<typeof blobsOf>[number];

/** How the blobs of images get from their media into the engine. No byte of a medium is needed twice. */
export interface ImageWays {
  /** The images that this run can bring. */
  complete: PlannedImage[];
  /** Their blobs that an earlier run began: completed in the store, and read from there. */
  begun: Blob[];
  /** Their blobs that go straight from inserted media into the engine. */
  straight: Blob[];
  /** Blobs of images that lack a medium or the second signature: the store keeps what the inserted media have, for a later run. */
  kept: Blob[];
  /** Layers that the media do not carry because the engine has them, by the image's reference. */
  relied: Map<string, Set<string>>;
  /** Blobs of images that the media leave out, and that the engine does not certainly have. */
  lacking: { reference: string; blobs: Blob[] }[];
}

/**
 * Chooses the way of each blob that is not whole in the store. No image is complete while the bundle awaits its second signature. `known`:
 * layers of images that the engine has, as far as one could look.
 */
export async function imageWays(
  images: readonly PlannedImage[],
  open: SignedBundle,
  paths: StorePaths,
  known: ReadonlyMap<PlannedImage, ReadonlySet<string>>,
): Promise<ImageWays> {
  const complete: PlannedImage[] = [];
  const relied: ImageWays['relied'] = new Map();
  const lacking: ImageWays['lacking'] = [];
  const ways = { begun: new Map<string, Blob>(), straight: new Map<string, Blob>(), kept: new Map<string, Blob>() };
  for (const image of images) {
    const blobs = await Promise.all(
      blobsOf(image).map(async (blob) => ({ blob, at: await placeOf(blob, open, paths) })),
    );
    const away = blobs.filter(({ blob, at }) => at === 'lacking' && open.leftOut.has(blob.digest));
    const inEngine = known.get(image);
    for (const one of away) if (inEngine?.has(one.blob.digest)) one.at = 'engine';
    const isComplete = !open.awaitsSecond && blobs.every(({ at }) => at !== 'lacking');
    if (isComplete) complete.push(image);
    const digestsIn = (place: Place) => away.filter(({ at }) => at === place).map(({ blob }) => blob);
    relied.set(image.reference, new Set(digestsIn('engine').map((blob) => blob.digest)));
    if (inEngine) lacking.push({ reference: image.reference, blobs: digestsIn('lacking') });
    for (const { blob, at } of blobs) {
      if (at === 'store' || at === 'engine') continue;
      const way = at === 'media' ? 'straight' : 'begun';
      ways[isComplete ? way : 'kept'].set(blob.digest, blob);
    }
  }
  // A blob of two images takes one way: what the store gets in any case is read from there.
  for (const [digest, blob] of ways.straight) {
    if (!ways.begun.has(digest) && !ways.kept.has(digest)) continue;
    ways.straight.delete(digest);
    ways.begun.set(digest, blob);
  }
  const { begun, straight, kept } = ways;
  const chosen = { begun: [...begun.values()], straight: [...straight.values()], kept: [...kept.values()] };
  return { complete, ...chosen, relied, lacking };
}

/** `begun`: partly in the store, the rest on inserted media. `engine`: left out of the media. */
type Place = 'store' | 'media' | 'begun' | 'lacking' | 'engine';

async function placeOf(blob: Blob, open: OpenBundle, paths: StorePaths): Promise<Place> {
  const hex = hexOf(blob.digest);
  const found = await blobAtHand(blob, open, paths);
  if (found?.from.kind === 'store') return 'store';
  const blocks = await readLedger(paths.ledger(hex));
  if (found && blocks.length === 0) return 'media';
  return canBeWhole(planBlob(hex, open.partsOf(hex), blob.sizeBytes), blocks) ? 'begun' : 'lacking';
}
