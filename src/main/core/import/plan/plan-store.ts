import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, hexOf } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { BundleContent } from '../../bundle/format/format.ts';
import { maxManifestBytes, ociManifest, parseOci } from '../../bundle/format/oci-documents.ts';
import { type BlobToPlace, planBlob } from '../../bundle/read/blob-plan.ts';
import { checkName, type LaidOutFile, layOut } from '../../bundle/read/manifest-files.ts';
import type { OpenBundle } from '../../bundle/read/open-media.ts';
import { type SeenContent, smallBlob } from '../../bundle/read/read-blob.ts';
import { readBounded } from '../../files/read-bounded.ts';
import type { StorePaths } from '../../store/store-paths.ts';
import type { UnreadFiles } from '../../weights/folder/judge-by-names.ts';
import { committedBytes, readLedger } from '../weights/ledger.ts';

/** What an import has to write to the store. */
export interface StorePlan {
  /** Models and file sets; empty while the head was not seen. */
  contents: BundleContent[];
  /** Files of the models whose manifests are known, each with its future folder. */
  models: (UnreadFiles & { path: string })[];
  /** Blobs that the store lacks: manifests, then those that an image of this run needs, then the rest, each in the order of the media. */
  blobs: BlobToPlace[];
  /** So many of them, at the start, are needed before images can be brought. */
  firstCount: number;
  /** Wanted blobs that no known medium has, by hex digest. */
  unknownBlobs: string[];
  /** Bytes of wanted blobs that are already in the store. */
  skippedBytes: number;
  /** Bytes that are still to be written. */
  neededBytes: number;
  /** Bytes that copying processes: read from inserted media, or verified again in the store. */
  copiedBytes: number;
}

/** The share of the images that goes into the store. */
export interface ImageShare {
  /** Their manifests stay there, to identify the images later. */
  manifests: { digest: string; sizeBytes: number }[];
  /** Blobs that an earlier run began, and that this run's images need. */
  begun: { digest: string; sizeBytes: number }[];
  /** Blobs that are kept for images which lack a medium or the second signature. */
  kept: { digest: string; sizeBytes: number }[];
}

/** Compares the bundle with the store. Available manifests are checked here, before anything is written. */
export async function planStore(
  open: OpenBundle,
  seen: readonly SeenContent[],
  paths: StorePaths,
  images: ImageShare,
  signal: AbortSignal,
): Promise<StorePlan> {
  const all = open.head?.payload.contents ?? [];
  const contents = all.filter((one) => one.kind !== 'image');
  const models: StorePlan['models'] = [];
  for (const content of contents) {
    checkName(content.name);
    const manifest = await manifestBytes(open, paths, content.manifest, signal);
    const files = manifest && layOut(content, manifest);
    if (files && content.kind === 'model') models.push({ path: join(paths.models, content.name), ...unread(files) });
  }
  const wanted = open.head ? wantedBlobs(contents) : await wantedWithoutHead(open, seen, signal);
  for (const { digest, sizeBytes } of [...images.manifests, ...images.begun, ...images.kept]) {
    wanted.set(hexOf(digest), sizeBytes);
  }
  const plan: StorePlan = {
    contents,
    models,
    blobs: [],
    firstCount: 0,
    unknownBlobs: [],
    skippedBytes: 0,
    neededBytes: 0,
    copiedBytes: 0,
  };
  for (const [hex, sizeBytes] of wanted) await planOne(plan, open, paths, hex, sizeBytes);
  putInOrder(plan, open, images);
  return plan;
}

function putInOrder(plan: StorePlan, open: OpenBundle, images: ImageShare): void {
  const manifests = [...plan.contents.map((one) => one.manifest), ...images.manifests];
  const ranks = new Map<string, number>();
  for (const [rank, list] of [images.begun, manifests].entries()) {
    for (const { digest } of list) ranks.set(hexOf(digest), rank);
  }
  const rank = ({ hex }: BlobToPlace) => ranks.get(hex) ?? -1;
  const order = readingOrder(open);
  plan.blobs.sort((a, b) => rank(b) - rank(a) || order(a) - order(b));
  plan.firstCount = plan.blobs.filter((blob) => ranks.has(blob.hex)).length;
}

function unread(files: readonly LaidOutFile[]): UnreadFiles {
  const served = files.find((file) => file.isServed)?.path;
  return { files: files.map(({ path, sizeBytes }) => ({ name: path, sizeBytes })), served };
}

async function planOne(
  plan: StorePlan,
  open: OpenBundle,
  paths: StorePaths,
  hex: string,
  sizeBytes: number | undefined,
): Promise<void> {
  const there = await stat(paths.blob(hex)).catch(() => undefined);
  if (there) {
    if (sizeBytes !== undefined && there.size !== sizeBytes) {
      const problem = `it has ${there.size} bytes, not ${sizeBytes}`;
      throw appError('import.store-damaged', { path: paths.blob(hex), problem });
    }
    plan.skippedBytes += there.size;
    return;
  }
  const blob = planBlob(hex, open.partsOf(hex), sizeBytes);
  if (blob.parts.length === 0) {
    plan.unknownBlobs.push(hex);
    return;
  }
  plan.blobs.push(blob);
  const ledger = await readLedger(paths.ledger(hex));
  for (const { offsetBytes, part } of blob.parts) {
    const hereBytes = committedBytes(ledger, offsetBytes, part.sizeBytes);
    // Parts on a missing medium are not written in this run.
    plan.neededBytes += part.root === undefined ? 0 : part.sizeBytes - hereBytes;
    plan.copiedBytes += part.root === undefined ? hereBytes : part.sizeBytes;
  }
}

function wantedBlobs(contents: BundleContent[]): Map<string, number | undefined> {
  const wanted = new Map<string, number | undefined>();
  for (const { manifest, blobs } of contents)
    for (const { digest, sizeBytes } of [manifest, ...blobs]) wanted.set(hexOf(digest), sizeBytes);
  return wanted;
}

/** Without the head: every blob on inserted media that is not known to belong to an image. */
async function wantedWithoutHead(
  open: OpenBundle,
  seen: readonly SeenContent[],
  signal: AbortSignal,
): Promise<Map<string, number | undefined>> {
  const ofImages = new Set<string>();
  for (const { kind, manifest } of seen) {
    if (kind !== 'image') continue;
    ofImages.add(manifest.digest);
    const bytes = await manifestBytes(open, undefined, manifest, signal);
    for (const digest of bytes ? namedBlobs(bytes) : []) ofImages.add(digest);
  }
  const wanted = new Map<string, number | undefined>();
  for (const hex of open.presentBlobs()) if (!ofImages.has(digestOf(hex))) wanted.set(hex, undefined);
  return wanted;
}

/** Returns the digests in a manifest; none for other documents, such as an index of several platforms. */
function namedBlobs(bytes: Buffer): string[] {
  try {
    const { config, layers } = parseOci(bytes, ociManifest, 'A manifest');
    return [config, ...layers].map((one) => one.digest);
  } catch {
    return [];
  }
}

/** Returns a manifest's bytes from an inserted medium, else from the store; undefined when neither has it. */
export async function manifestBytes(
  open: OpenBundle,
  paths: StorePaths | undefined,
  manifest: { digest: string; sizeBytes: number },
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const bytes = await smallBlob(open, manifest, signal);
  return bytes ?? (paths && readBounded(paths.blob(hexOf(manifest.digest)), maxManifestBytes));
}

function readingOrder(open: OpenBundle): (blob: BlobToPlace) => number {
  const ordinals = new Map(open.media.map((medium) => [medium.label, medium.ordinal]));
  return (blob) => ordinals.get(blob.parts[0]?.part.medium ?? '') ?? 0;
}
