import { readFile, stat } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';
import type { BundleContent } from '../bundle/format.ts';
import { ociManifest, parseOci } from '../bundle/oci-documents.ts';
import type { OpenBundle } from '../bundle/open-media.ts';
import { readSmallPart, seenContents } from '../bundle/read-blob.ts';
import { type BlobToPlace, planBlob } from './blob-plan.ts';
import { checkName, layOut } from './lay-out.ts';
import { committedBytes, readLedger } from './ledger.ts';
import type { StorePaths } from './store-paths.ts';

/** What an import has to do. */
export interface ImportPlan {
  /** Models and file sets; empty while the head was not seen. */
  contents: BundleContent[];
  /** Blobs that the store lacks, manifests first, then in the order of the media. */
  blobs: BlobToPlace[];
  /** Wanted blobs that no known medium has, by hex digest. */
  unknownBlobs: string[];
  /** Bytes of wanted blobs that the store has already. */
  skippedBytes: number;
  /** Bytes that are still to be written. */
  neededBytes: number;
  /** Bytes that copying goes through: read from media that are there, or proven again where the store has them. */
  copiedBytes: number;
}

/** What of the images goes into the store. */
export interface ImageShare {
  /** Their manifests stay there: they tell later which image is meant. */
  manifests: { digest: string; sizeBytes: number }[];
  /** Blobs that are staged, since the media come one after another. */
  staged: { digest: string; sizeBytes: number }[];
}

const noImages: ImageShare = { manifests: [], staged: [] };

/** Compares what the bundle carries with what the store has. Manifests at hand are checked here, before anything is written. */
export async function planImport(
  open: OpenBundle,
  paths: StorePaths,
  signal: AbortSignal,
  images: ImageShare = noImages,
): Promise<ImportPlan> {
  const all = open.head?.payload.contents ?? [];
  const contents = all.filter((one) => one.kind !== 'image');
  for (const content of contents) {
    checkName(content.name);
    const manifest = await manifestBytes(open, paths, content.manifest, signal);
    if (manifest) layOut(content, manifest);
  }
  const wanted = open.head ? wantedBlobs(contents) : await wantedWithoutHead(open, signal);
  for (const { digest, sizeBytes } of [...images.manifests, ...images.staged]) {
    wanted.set(digest.slice('sha256:'.length), sizeBytes);
  }
  const plan: ImportPlan = { contents, blobs: [], unknownBlobs: [], skippedBytes: 0, neededBytes: 0, copiedBytes: 0 };
  for (const [hex, sizeBytes] of wanted) await planOne(plan, open, paths, hex, sizeBytes);
  const manifests = new Set(
    [...contents.map((one) => one.manifest), ...images.manifests].map((one) => one.digest.slice('sha256:'.length)),
  );
  const rank = readingOrder(open);
  plan.blobs.sort((a, b) => (manifests.has(a.hex) ? 0 : 1) - (manifests.has(b.hex) ? 0 : 1) || rank(a) - rank(b));
  return plan;
}

async function planOne(
  plan: ImportPlan,
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
    // What lies on a medium that is not there is not written in this run.
    plan.neededBytes += part.root === undefined ? 0 : part.sizeBytes - hereBytes;
    plan.copiedBytes += part.root === undefined ? hereBytes : part.sizeBytes;
  }
}

function wantedBlobs(contents: BundleContent[]): Map<string, number | undefined> {
  const wanted = new Map<string, number | undefined>();
  for (const content of contents) {
    for (const { digest, sizeBytes } of [content.manifest, ...content.blobs]) {
      const hex = digest.slice('sha256:'.length);
      const known = wanted.get(hex);
      if (known !== undefined && known !== sizeBytes) {
        const problem = `${digest} has ${known} bytes in one place and ${sizeBytes} in another`;
        throw appError('bundle.content-mismatch', { what: content.name, problem });
      }
      wanted.set(hex, sizeBytes);
    }
  }
  return wanted;
}

/** Without the list of the whole: every blob at hand that is not known to belong to an image. */
async function wantedWithoutHead(open: OpenBundle, signal: AbortSignal): Promise<Map<string, number | undefined>> {
  const ofImages = new Set<string>();
  for (const { kind, manifest } of await seenContents(open, signal)) {
    if (kind !== 'image') continue;
    ofImages.add(manifest.digest);
    const bytes = await manifestBytes(open, undefined, manifest, signal);
    for (const digest of bytes ? namedBlobs(bytes) : []) ofImages.add(digest);
  }
  const wanted = new Map<string, number | undefined>();
  for (const hex of open.presentBlobs()) if (!ofImages.has(`sha256:${hex}`)) wanted.set(hex, undefined);
  return wanted;
}

/** The digests that a manifest names; none for what is no plain manifest, such as an index of several platforms. */
function namedBlobs(bytes: Buffer): string[] {
  try {
    const { config, layers } = parseOci(bytes, ociManifest, 'A manifest');
    return [config, ...layers].map((one) => one.digest);
  } catch {
    return [];
  }
}

/** A manifest's bytes from a medium that is there, else from the store; undefined when neither has it. */
export async function manifestBytes(
  open: OpenBundle,
  paths: StorePaths | undefined,
  manifest: { digest: string; sizeBytes: number },
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const hex = manifest.digest.slice('sha256:'.length);
  const [only, ...more] = open.partsOf(hex).parts;
  if (only?.part.root !== undefined && more.length === 0 && only.part.sha256 === hex) {
    return readSmallPart(only.part, signal);
  }
  return paths && readFile(paths.blob(hex)).catch(() => undefined);
}

function readingOrder(open: OpenBundle): (blob: BlobToPlace) => number {
  const ordinals = new Map(open.media.map((medium) => [medium.label, medium.ordinal]));
  return (blob) => ordinals.get(blob.parts[0]?.part.medium ?? '') ?? 0;
}
