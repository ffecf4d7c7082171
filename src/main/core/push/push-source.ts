import { stat } from 'node:fs/promises';
import type { z } from 'zod';
import { heldWords } from '../../../shared/bundle-evidence.ts';
import type { bundleSignature } from '../../../shared/contract/bundle-read.ts';
import { hexOf } from '../../../shared/digest.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { ociManifest, parseOci } from '../bundle/format/oci-documents.ts';
import { manifestMediaType } from '../bundle/format/oci-schemas.ts';
import { checkNotices } from '../bundle/read/check-notices.ts';
import { keyFindings } from '../bundle/read/key-findings.ts';
import type { OpenBundle } from '../bundle/read/open-media.ts';
import { refusedContents } from '../bundle/read/refused-contents.ts';
import { shownSignature } from '../bundle/read/shown-bundle.ts';
import { blobAtHand, readSmallBlob } from '../import/images/image-blobs.ts';
import { openImport } from '../import/prepare-import.ts';
import { newestOfEach, readImports } from '../store/read-imports.ts';
import { type StorePaths, storePaths } from '../store/store-paths.ts';
import { type AttachedManifest, readAttached } from './attached-manifests.ts';
import type { Named } from './push-target.ts';
import type { SourceBlob } from './source-blob.ts';

/** A content with its blobs. Without `manifest`, that is on a medium that is not inserted. */
export interface SourceContent extends Named {
  mediaType: string;
  manifest?: Buffer;
  /** Its own blobs, then those of what is attached to it. */
  blobs: SourceBlob[];
  attached: AttachedManifest[];
}

/** What can be pushed, from media whose signatures were checked or from the store. */
export interface PushSource {
  contents: SourceContent[];
  bundle?: { id: string; name: string };
  signature?: z.infer<typeof bundleSignature>;
  /** The inserted media. */
  media: OpenBundle['media'];
  /** Labels of the media that are not inserted. */
  absentMedia: string[];
  /** What the bundle was packed for, in words: it lacks what that had. */
  base?: string;
  findings: Finding[];
}

/** Where to look: media or, without any, the store. */
export interface SourceRequest {
  dirs: readonly string[];
  store: string;
  trustFile: string;
  overrideReason?: string | undefined;
  /** What the media say about trusted keys outlasts them. */
  keepsNotices?: boolean;
  now: Date;
}

type Parts = Pick<OpenBundle, 'partsOf'>;
const noMedia: Parts = { partsOf: () => ({ isWhole: false, parts: [] }) };

/**
 * Returns what can be pushed. Reads manifests, no other blobs. Throws what opening media and refused contents throw, `push.no-list`,
 * `push.empty-store`.
 */
export function readSource(request: SourceRequest, signal: AbortSignal): Promise<PushSource> {
  const paths = storePaths(request.store);
  return request.dirs.length > 0 ? fromMedia(request, paths, signal) : fromStore(paths, signal);
}

async function fromMedia(request: SourceRequest, paths: StorePaths, signal: AbortSignal): Promise<PushSource> {
  const open = await openImport(request, paths);
  if (!open.head) throw appError('push.no-list', { dirs: [...request.dirs] });
  await checkNotices(open, signal);
  for await (const refusal of refusedContents(open, signal)) throw new AppError(refusal);
  const { id, name, contents, base } = open.head.payload;
  const read: SourceContent[] = [];
  for (const one of contents) {
    const { kind, name, blobs } = one;
    const { digest, sizeBytes, mediaType } = one.manifest;
    const content = await readContent({ kind, name, digest }, sizeBytes, open, paths, signal);
    const listed = blobs.map((blob) => ({ ...blob, at: undefined }));
    const { manifests: attached, blobs: more } = await readAttached(one, open, paths, signal);
    const own = new Set(content?.blobs.map((blob) => blob.digest));
    const all = content && [...content.blobs, ...more.filter((blob) => !own.has(blob.digest))];
    read.push({ kind, name, digest, mediaType, attached, ...content, blobs: all ?? listed });
  }
  return {
    contents: read,
    bundle: { id, name },
    signature: shownSignature(open),
    media: open.media,
    absentMedia: open.missing.map(({ label }) => label),
    ...(base && { base: heldWords(base) }),
    findings: keyFindings(open, request.now),
  };
}

async function fromStore(paths: StorePaths, signal: AbortSignal): Promise<PushSource> {
  const records = await readImports(paths.store);
  const newest = (kind: 'model' | 'files') => {
    const sets = records.flatMap((one) => (kind === 'model' ? one.models : one.files));
    return newestOfEach(sets, (one) => one.name).map((one) => ({ kind, name: one.name, digest: one.manifestDigest }));
  };
  const named = [...newest('model'), ...newest('files')];
  if (named.length === 0) throw appError('push.empty-store', { store: paths.store });
  const contents: SourceContent[] = [];
  for (const one of named) {
    const path = paths.blob(hexOf(one.digest));
    const size = await stat(path).then(
      (found) => found.size,
      () => undefined,
    );
    const content = size === undefined ? undefined : await readContent(one, size, noMedia, paths, signal);
    const missing = content?.blobs.find(({ at }) => !at);
    if (!content || missing) {
      const problem = `${one.name} lacks a file, maybe deleted by hand`;
      throw appError('import.store-damaged', { path: missing ? paths.blob(hexOf(missing.digest)) : path, problem });
    }
    contents.push({ ...content, attached: [] });
  }
  const images = new Set(records.flatMap((one) => one.images.map(({ reference }) => reference)));
  return { contents, media: [], absentMedia: [], findings: imageFindings([...images]) };
}

async function readContent(
  named: Named,
  sizeBytes: number,
  open: Parts,
  paths: StorePaths,
  signal: AbortSignal,
): Promise<Omit<SourceContent, 'attached'> | undefined> {
  const at = await blobAtHand({ digest: named.digest, sizeBytes }, open, paths);
  if (!at) return undefined;
  const manifest = await readSmallBlob(at, signal);
  const {
    config,
    layers,
    mediaType = manifestMediaType,
  } = parseOci(manifest, ociManifest, `The manifest of ${named.name}`);
  const sizes = new Map([config, ...layers].map(({ digest, size }) => [digest, size]));
  const blobs: SourceBlob[] = [];
  for (const [digest, size] of sizes)
    blobs.push({ digest, sizeBytes: size, at: await blobAtHand({ digest, sizeBytes: size }, open, paths) });
  return { ...named, mediaType, manifest, blobs };
}

/** An engine unpacks what it imports: only the media have the bytes with the digests of the publisher. */
function imageFindings(images: string[]): Finding[] {
  if (images.length === 0) return [];
  return [
    {
      id: 'push.images-on-media',
      severity: 'amber',
      title: `The store has no images; the import put ${images.length === 1 ? images[0] : `${images.length} of them`} into the container engine`,
      consequence: 'Only models and files are pushed.',
      remedies: [steps("Insert the bundle's media, and name them too: sealift push REGISTRY/PREFIX DIR…")],
    },
  ];
}
