import { hexOf } from '../../../../shared/digest.ts';
import { sha256Digest } from '../../files/sha256.ts';
import type { BundleContent } from '../format/format.ts';
import { ociManifest, titleAnnotation } from '../format/oci-documents.ts';
import type { ContentSource, FinishedContent } from '../sources/content-source.ts';
import type { BlobPlaces } from './blob-places.ts';
import type { ContentPart } from './bundle-sbom.ts';
import type { MediaPlan } from './plan-media.ts';
import { contentId } from './prepare-pack.ts';
import type { PackedContent } from './seal-media.ts';

/** Where manifests and configurations go: to a medium, or into the count of a plan. */
export interface ManifestTarget {
  ordinal: number;
  addBlob(sha256: string, bytes: Buffer): Promise<void> | void;
}

/** Writes what is generated for one content to the medium that the plan chose, each blob once. */
export async function writeManifest(
  source: ContentSource,
  finished: FinishedContent,
  { plan, media, places }: { plan: MediaPlan; media: ManifestTarget[]; places: BlobPlaces },
): Promise<PackedContent> {
  const planned = plan.media.find((one) => one.manifests.includes(contentId(source)));
  const medium = media[(planned?.ordinal ?? 0) - 1];
  if (!medium) throw new Error(`the plan places no manifest of ${contentId(source)}`);
  for (const bytes of [...finished.made, finished.manifest]) await writeOnce(bytes, medium, places);
  const head = headContent(source, finished);
  const digests = [head.manifest, ...head.blobs].map((one) => one.digest);
  const isWhole = digests.every((digest) => places.isWhollyOn(digest, medium.ordinal));
  return { head, parts: partsOf(head.kind, finished), whollyOn: isWhole ? medium.ordinal : undefined };
}

/** The files of an artifact by the names in its manifest; an image's blobs by their digests, without its configuration. */
function partsOf(kind: BundleContent['kind'], { blobs, manifest }: FinishedContent): ContentPart[] {
  if (kind === 'image') return blobs.slice(1).map(({ digest }) => ({ name: `layer ${digest}`, digest }));
  const { layers } = ociManifest.parse(JSON.parse(manifest.toString('utf8')));
  return layers.map(({ digest, annotations = {} }) => ({ name: annotations[titleAnnotation] ?? digest, digest }));
}

async function writeOnce(bytes: Buffer, medium: ManifestTarget, places: BlobPlaces): Promise<void> {
  const digest = sha256Digest(bytes);
  if (places.isPlaced(digest)) return;
  await medium.addBlob(hexOf(digest), bytes);
  places.place(digest, medium.ordinal);
}

function headContent(source: ContentSource, finished: FinishedContent): BundleContent {
  const { attached = [] } = source;
  const others = attached.flatMap(({ digest, bytes, blobs }) => [{ digest, sizeBytes: bytes.length }, ...blobs]);
  const blobs = [...new Map([...finished.blobs, ...others].map((blob) => [blob.digest, blob])).values()];
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
    ...(source.origins && { origins: source.origins }),
    ...(source.licence && { licence: source.licence }),
    ...(attached.length > 0 && {
      attached: attached.map(({ bytes: _bytes, layers: _layers, blobs: _blobs, ...facts }) => facts),
    }),
    ...(source.packedAnyway && { packedAnyway: source.packedAnyway }),
    ...(source.packages && { packages: source.packages }),
  };
}
