import { appError } from '../../../shared/errors/app-error.ts';
import type { BundleContent } from './format.ts';
import { maxManifestBytes, modelArtifactType, ociIndex, parseOci, refNameAnnotation } from './oci-documents.ts';
import type { OpenBundle, OpenMedium } from './open-media.ts';
import { type FilePart, toPart } from './parts-of.ts';
import { readBlocks } from './read-blocks.ts';

const indexPath = 'sealift/layout/index.json';

/** A small listed file, proven; `file.too-large` beyond 4 MiB. */
export async function readSmallPart(part: FilePart, signal: AbortSignal): Promise<Buffer> {
  if (part.sizeBytes > maxManifestBytes) {
    throw appError('file.too-large', { path: part.path, limitBytes: maxManifestBytes, sizeBytes: part.sizeBytes });
  }
  const pieces: Buffer[] = [];
  for await (const { data } of readBlocks(part, { signal })) pieces.push(Buffer.from(data));
  return Buffer.concat(pieces);
}

/** A content as far as it is known: without the head only its name and manifest. */
export type SeenContent = Pick<BundleContent, 'kind' | 'name' | 'manifest'> & Partial<BundleContent>;

/** What a bundle carries: by the head, or as long as that was not seen, by the `index.json` of the media that are there. */
export async function seenContents(open: OpenBundle, signal: AbortSignal): Promise<SeenContent[]> {
  if (open.head) return open.head.payload.contents;
  const found = await Promise.all(open.media.map((medium) => indexContents(medium, signal)));
  return found.flat();
}

async function indexContents(medium: OpenMedium, signal: AbortSignal): Promise<SeenContent[]> {
  const file = medium.payload.files.find((one) => one.path === indexPath);
  if (!file || medium.root === undefined) return [];
  const what = `${indexPath} of ${medium.label}`;
  const index = parseOci(await readSmallPart(toPart(medium, file), signal), ociIndex, what);
  return index.manifests.map(({ digest, size, mediaType, artifactType, annotations }) => ({
    kind: kindOf(artifactType),
    name: annotations?.[refNameAnnotation] ?? digest,
    manifest: { digest, sizeBytes: size, mediaType, ...(artifactType !== undefined && { artifactType }) },
  }));
}

function kindOf(artifactType: string | undefined): BundleContent['kind'] {
  if (artifactType === modelArtifactType) return 'model';
  return artifactType?.startsWith('application/vnd.sealift.') ? 'files' : 'image';
}
