import { sha256Digest } from '../../files/sha256.ts';
import { manifestMediaType } from '../format/oci-schemas.ts';
import { type ContentSource, type FinishedContent, plannedBlobs } from '../sources/content-source.ts';
import { BlobPlaces } from './blob-places.ts';
import type { MediaPlan } from './plan-media.ts';
import type { PreparedPack } from './prepare-pack.ts';
import { mediumPages, type PackedContent } from './seal-media.ts';
import { anySigner, installerSizes } from './write-installers.ts';
import { type ManifestTarget, writeManifest } from './write-manifests.ts';

/** One medium as it will be: bytes and number of the files that it will list. */
export interface MeasuredMedium {
  ordinal: number;
  label: string;
  bytes: number;
  files: number;
  /** Bytes of each content, in the order of the bundle. A shared blob counts for its first content. */
  contents: number[];
}

/**
 * A plan carried out without writing. `exact`: packing writes these numbers. `at-most`: files of equal size may turn out to be equal,
 * which are written once. `estimate`: an engine's image has no certain size before it is saved,
 * nor what a scanner prints.
 */
export interface MeasuredPlan {
  sizes: 'exact' | 'at-most' | 'estimate';
  media: MeasuredMedium[];
  /** Bytes of each content with its manifest, in the order of the bundle. */
  contentBytes: number[];
}

/** Counts what packing will write. Manifests and pages come from the code that writes them, so their sizes are the real ones. */
export async function measurePlan({
  sources,
  leftOut,
  installers,
  plan,
  loaded,
  media: planned,
  notices,
  packedBy,
  isScanned,
  lacks,
}: PreparedPack): Promise<MeasuredPlan> {
  const media = planned.map(({ ordinal, label }) => new CountedMedium(ordinal, label, sources.length));
  const counted = { plan, media, places: new BlobPlaces(leftOut?.digests) };
  const unread = new Set<string>();
  for (const [index, source] of sources.entries())
    for (const one of placeBlobs(source, index, counted)) unread.add(one);
  const contents: PackedContent[] = [];
  for (const [index, source] of sources.entries()) {
    for (const medium of media) medium.content = index;
    contents.push(await writeManifest(source, finished(source, counted.places), counted));
  }
  const { spec } = loaded;
  const facts = {
    id: '0'.repeat(32),
    created: new Date(0).toISOString(),
    spec,
    media,
    contents,
    signer: anySigner,
    notices,
    packedBy,
    leftOut,
    lacks,
    installers,
  };
  for (const medium of media) for (const [, text] of mediumPages(facts, medium)) medium.add(Buffer.byteLength(text));
  if (installers) for (const one of installerSizes(installers, anySigner)) media[0]?.add(one);
  return {
    sizes:
      isScanned || sources.some((one) => one.saved) ? 'estimate' : mayBeEqual(contents, unread) ? 'at-most' : 'exact',
    media,
    contentBytes: contents.map(({ head }) => head.totalBytes),
  };
}

class CountedMedium implements MeasuredMedium, ManifestTarget {
  readonly ordinal: number;
  readonly label: string;
  bytes = 0;
  files = 0;
  readonly contents: number[];
  /** The content that is written now. */
  content = 0;

  constructor(ordinal: number, label: string, contentCount: number) {
    this.ordinal = ordinal;
    this.label = label;
    this.contents = Array(contentCount).fill(0);
  }

  add(sizeBytes: number): void {
    this.bytes += sizeBytes;
    this.files += 1;
  }

  addBlob(_sha256: string, { length }: { length: number }): void {
    this.add(length);
    this.contents[this.content] = (this.contents[this.content] ?? 0) + length;
  }
}

interface Counted {
  plan: MediaPlan;
  media: CountedMedium[];
  places: BlobPlaces;
}

/** Counts the blobs of one content that no earlier one has. Returns the stand-ins for digests that are unknown before reading. */
function placeBlobs(source: ContentSource, index: number, { plan, media, places }: Counted): string[] {
  const known = new Map(source.blobs.map(({ key, digest }) => [key, digest]));
  const unread: string[] = [];
  for (const { key, sizeBytes } of plannedBlobs(source)) {
    const certain = known.get(key) ?? (sizeBytes === 0 ? sha256Digest('') : undefined);
    const digest = certain ?? sha256Digest(key);
    if (!certain) unread.push(digest);
    places.know(key, digest);
    if (places.isPlaced(digest)) continue;
    for (const { ordinal, pieces } of plan.media) {
      const medium = media[ordinal - 1];
      for (const piece of pieces.filter((one) => one.key === key)) {
        if (!medium) continue;
        medium.content = index;
        medium.addBlob('', { length: piece.sizeBytes });
        places.place(digest, ordinal);
      }
    }
  }
  return unread;
}

/** What a content will consist of; for an image that its engine has not saved yet, bounds. */
function finished(source: ContentSource, places: BlobPlaces): FinishedContent {
  if (!source.saved) return source.finish((key) => places.digestOf(key));
  const blobs = plannedBlobs(source).map(({ key, sizeBytes }) => ({ digest: places.digestOf(key), sizeBytes }));
  // Contents of equal sizes are different ones.
  const manifest = Buffer.alloc(source.madeBytes, source.name);
  return { made: [], manifest, mediaType: manifestMediaType, blobs };
}

/** True when a file that was not read yet has the size of another blob. */
function mayBeEqual(contents: PackedContent[], unread: Set<string>): boolean {
  const blobs = contents.flatMap(({ head }) => [head.manifest, ...head.blobs]);
  const bySize = new Map<number, Set<string>>();
  for (const { digest, sizeBytes } of blobs) bySize.set(sizeBytes, (bySize.get(sizeBytes) ?? new Set()).add(digest));
  return [...bySize.values()].some((same) => same.size > 1 && [...same].some((digest) => unread.has(digest)));
}
