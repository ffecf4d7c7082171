import { maxContents } from '../../../../shared/bundle-spec.ts';
import { hexOf } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { isPlainLine } from '../../../../shared/plain-text.ts';
import { sha256Digest } from '../../files/sha256.ts';
import { attachedAnnotation } from '../format/attached.ts';
import { type FilePart, toPart } from '../format/blob-parts.ts';
import type { BundleContent } from '../format/format.ts';
import { maxManifestBytes, modelArtifactType, ociIndex, parseOci, refNameAnnotation } from '../format/oci-documents.ts';
import { planBlob } from './blob-plan.ts';
import type { OpenBundle, OpenMedium } from './open-media.ts';
import { type ReadOptions, readBlocks } from './read-blocks.ts';

const indexPath = 'sealift/layout/index.json';
/** As in the head. */
const maxNameChars = 255;

/** Reads a small listed file and verifies it. Throws `file.too-large` beyond 4 MiB. */
export async function readSmallPart(part: FilePart, signal: AbortSignal): Promise<Buffer> {
  if (part.sizeBytes > maxManifestBytes) {
    throw appError('file.too-large', { path: part.path, limitBytes: maxManifestBytes, sizeBytes: part.sizeBytes });
  }
  const pieces: Buffer[] = [];
  for await (const { data } of readBlocks(part, { signal })) pieces.push(Buffer.from(data));
  return Buffer.concat(pieces);
}

/**
 * Returns the verified bytes of a blob, whole or in parts; undefined while it is not complete on inserted media. Throws
 * `file.too-large` beyond 4 MiB, `bundle.content-mismatch` when its parts make another digest, and what damage throws.
 */
export async function smallBlob(
  open: OpenBundle,
  { digest, sizeBytes }: { digest: string; sizeBytes: number },
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const { parts, isCovered } = planBlob(hexOf(digest), open.partsOf(hexOf(digest)), sizeBytes);
  if (!isCovered || parts.some(({ part }) => part.root === undefined)) return undefined;
  const files = parts.map(({ part }) => part);
  return collectSmall({ digest, sizeBytes }, bytesOfParts(files, { signal }));
}

/** Yields the bytes of a blob's parts, each block verified before. The caller must verify the digest of the whole. */
export async function* bytesOfParts(
  parts: readonly FilePart[],
  options: Pick<ReadOptions, 'signal' | 'onBytes'>,
): AsyncGenerator<Buffer> {
  for (const part of parts)
    for await (const { data } of readBlocks(part, { ...options, isWholeVerified: false })) yield data;
}

/** Collects the pieces of a small blob and verifies its digest. Throws `file.too-large` beyond 4 MiB and `bundle.content-mismatch`. */
export async function collectSmall(
  { digest, sizeBytes }: { digest: string; sizeBytes: number },
  pieces: AsyncIterable<Uint8Array>,
): Promise<Buffer> {
  if (sizeBytes > maxManifestBytes) {
    throw appError('file.too-large', { path: digest, limitBytes: maxManifestBytes, sizeBytes });
  }
  const collected: Buffer[] = [];
  for await (const piece of pieces) collected.push(Buffer.from(piece));
  const bytes = Buffer.concat(collected);
  if (sha256Digest(bytes) === digest) return bytes;
  throw appError('bundle.content-mismatch', { what: `The blob ${digest}`, problem: 'its bytes have another digest' });
}

/** A content as far as it is known. Without the head, that is its name and manifest only. */
export type SeenContent = Pick<BundleContent, 'kind' | 'name' | 'manifest'> & Partial<BundleContent>;

/**
 * Returns what a bundle carries: by the head or, while that is unknown, by the `index.json` of the inserted media. Throws
 * `bundle.content-mismatch` for an index that no bundle has.
 */
export async function seenContents(open: OpenBundle, signal: AbortSignal): Promise<SeenContent[]> {
  if (open.head) return open.head.payload.contents;
  const found = await Promise.all(open.media.map((medium) => indexContents(medium, signal)));
  const contents = found.flat();
  if (contents.length <= maxContents) return contents;
  const problem = `the media list ${contents.length} contents, and a bundle has at most ${maxContents}`;
  throw appError('bundle.content-mismatch', { what: indexPath, problem });
}

async function indexContents(medium: OpenMedium, signal: AbortSignal): Promise<SeenContent[]> {
  const file = medium.payload.files.find((one) => one.path === indexPath);
  if (!file || medium.root === undefined) return [];
  const what = `${indexPath} of ${medium.label}`;
  const index = parseOci(await readSmallPart(toPart(medium, file), signal), ociIndex, what);
  const contents = index.manifests.filter(({ annotations }) => annotations?.[attachedAnnotation] === undefined);
  return contents.map(({ digest, size, mediaType, artifactType, annotations }) => {
    const name = annotations?.[refNameAnnotation] ?? digest;
    if (name === '' || name.length > maxNameChars || !isPlainLine(name)) {
      const problem = `it names a content that has no name to show: ${JSON.stringify(name.slice(0, 100))}`;
      throw appError('bundle.content-mismatch', { what, problem });
    }
    const manifest = { digest, sizeBytes: size, mediaType, ...(artifactType !== undefined && { artifactType }) };
    return { kind: kindOf(artifactType), name, manifest };
  });
}

function kindOf(artifactType: string | undefined): BundleContent['kind'] {
  if (artifactType === modelArtifactType) return 'model';
  return artifactType?.startsWith('application/vnd.sealift.') ? 'files' : 'image';
}
