import { randomBytes } from 'node:crypto';
import type { Work } from '../jobs/work.ts';
import type { Signer } from './dsse.ts';
import type { BundleContent } from './format.ts';
import { BlobPlaces, writeBlobs } from './pack-blobs.ts';
import { checkMedia } from './pack-check-media.ts';
import { writeHeadCopy } from './pack-head-copy.ts';
import { PackMedium } from './pack-medium.ts';
import { contentId, type PreparedPack } from './pack-prepare.ts';
import { writeSaved } from './pack-saved.ts';
import { type PackedContent, type SealOrder, sealBundle } from './pack-seal.ts';
import { PackThread } from './pack-thread.ts';
import type { ContentSource, FinishedContent } from './source-content.ts';
import { sha256Digest } from './source-oci-schemas.ts';

/** What packing needs besides the plan. */
export interface PackTools {
  signer: Signer;
  /** Folder of the built worker entries. */
  workers: string;
  version: string;
  now(): Date;
  /** Read everything back from the media. */
  readBack: boolean;
  /** Also write the head here, to be carried on its own. */
  head?: string | undefined;
}

/** A packed bundle. Sizes and counts of a medium are those of its listed files. */
export interface PackResult {
  id: string;
  name: string;
  fingerprint: string;
  media: { ordinal: number; label: string; path: string; bytes: number; files: number }[];
  contents: { kind: BundleContent['kind']; name: string; digest: string; bytes: number }[];
  bytesRead: number;
  bytesWritten: number;
  blocks: number;
  partBytes: number;
  /** `direct`: read past the page cache; `cached`: at least one file came from it; `none`: not read back. */
  readBack: 'direct' | 'cached' | 'none';
  bytesReadBack: number;
  durationMs: number;
}

/**
 * Writes a prepared bundle: each source read once, each byte written once, then read back. Until all is done every medium
 * carries the mark `sealift/UNFINISHED`; when it is interrupted, what was begun is removed. Throws `pack.source-changed`, `pack.source-damaged`, `pack.read-back-differs`,
 * `space.ran-out`, `file.denied`, `medium.gone`.
 */
export async function packBundle(prepared: PreparedPack, tools: PackTools, work: Work): Promise<PackResult> {
  const startedMs = tools.now().getTime();
  const { sources, plan, loaded } = prepared;
  const id = randomBytes(16).toString('hex');
  const media = prepared.media.map((facts) => new PackMedium(facts));
  const thread = new PackThread(tools.workers, work.signal);
  let isDone = false;
  try {
    work.step('write', `Writing ${media.map((medium) => medium.label).join(', ')}`);
    for (const medium of media) {
      work.signal.throwIfAborted();
      await medium.begin(id);
    }
    const places = new BlobPlaces();
    // First what has no certain size: it may need what is left over.
    const bytesSaved = await writeSaved(
      { sources, plan, media, places, thread, mediumBytes: prepared.mediumBytes },
      work,
    );
    const bytesRead = bytesSaved + (await writeBlobs({ sources, plan, media, places, thread }, work));
    work.step('seal', 'Signing the media');
    const contents = await writeManifests(prepared, media, places);
    const { signer, version } = tools;
    const order = { id, created: tools.now().toISOString(), spec: loaded.spec, media, contents, signer, version };
    const head = await sealBundle(order);
    const readBack = tools.readBack ? await checkMedia(media, thread, work) : notReadBack;
    work.signal.throwIfAborted();
    // From here on it is too late to cancel: media may count as complete already.
    isDone = true;
    for (const medium of media) await medium.finish();
    if (tools.head) await writeHeadCopy(tools.head, head);
    const durationMs = tools.now().getTime() - startedMs;
    return { ...summary(order), partBytes: plan.partBytes, bytesRead, ...readBack, durationMs };
  } finally {
    await thread.close();
    // Without the state of its hashes a half-written bundle is of no use: an interrupted run leaves none behind.
    if (work.signal.aborted && !isDone) await Promise.all(media.map((medium) => medium.abandon()));
  }
}

const notReadBack = { readBack: 'none' as const, bytesReadBack: 0 };

async function writeManifests(
  { sources, plan }: PreparedPack,
  media: PackMedium[],
  places: BlobPlaces,
): Promise<PackedContent[]> {
  const packed: PackedContent[] = [];
  for (const source of sources) {
    const planned = plan.media.find((one) => one.manifests.includes(contentId(source)));
    const medium = media[(planned?.ordinal ?? 0) - 1];
    if (!medium) throw new Error(`the plan places no manifest of ${contentId(source)}`);
    const finished = source.finish((key) => places.digestOf(key));
    for (const bytes of [...finished.made, finished.manifest]) await writeOnce(bytes, medium, places);
    const head = headContent(source, finished);
    const digests = [head.manifest, ...head.blobs].map((one) => one.digest);
    const isWhole = digests.every((digest) => places.isWhollyOn(digest, medium.ordinal));
    packed.push({ head, whollyOn: isWhole ? medium.ordinal : undefined });
  }
  return packed;
}

async function writeOnce(bytes: Buffer, medium: PackMedium, places: BlobPlaces): Promise<void> {
  const digest = sha256Digest(bytes);
  if (places.isPlaced(digest)) return;
  await medium.addBlob(digest.slice('sha256:'.length), bytes);
  places.place(digest, medium.ordinal);
}

function headContent(source: ContentSource, finished: FinishedContent): BundleContent {
  const blobs = [...new Map(finished.blobs.map((blob) => [blob.digest, blob])).values()];
  const { manifest, mediaType, artifactType } = finished;
  return {
    kind: source.kind,
    name: source.name,
    manifest: {
      digest: sha256Digest(manifest),
      sizeBytes: manifest.length,
      mediaType,
      ...(artifactType && { artifactType }),
    },
    blobs,
    totalBytes: blobs.reduce((sum, blob) => sum + blob.sizeBytes, manifest.length),
    isPublisherDigest: source.isPublisherDigest,
    source: source.source,
    ...(source.licence && { licence: source.licence }),
  };
}

function summary({ id, spec, media, contents, signer }: SealOrder) {
  return {
    id,
    name: spec.name,
    fingerprint: signer.keyId,
    media: media.map((medium) => {
      const { sizeBytes, files } = medium.totals();
      return { ordinal: medium.ordinal, label: medium.label, path: medium.target.path, bytes: sizeBytes, files };
    }),
    contents: contents.map(({ head }) => {
      return { kind: head.kind, name: head.name, digest: head.manifest.digest, bytes: head.totalBytes };
    }),
    bytesWritten: media.reduce((sum, medium) => sum + medium.bytesWritten, 0),
    blocks: media.flatMap((medium) => medium.files).reduce((count, file) => count + file.blocks.length, 0),
  };
}
