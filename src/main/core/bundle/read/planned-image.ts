import { z } from 'zod';
import { digest } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { imageName } from '../../../../shared/image-reference.ts';
import type { ImageIdentity } from '../../engine/image-identity.ts';
import { imageTypeProblem } from '../format/image-types.ts';
import { ociManifest, parseOci } from '../format/oci-documents.ts';
import { isZstdLayer } from '../format/zstd-layers.ts';
import type { SeenContent } from './read-blob.ts';

/** A layer as the manifest names it. */
export interface ImageLayer {
  digest: string;
  sizeBytes: number;
  isCompressed: boolean;
  isZstd: boolean;
}

/** An image of a bundle, its manifest checked; plain data, fit for a worker thread. */
export interface PlannedImage extends ImageIdentity {
  mediaType: string;
  /** The manifest as it is signed. */
  manifest: Uint8Array;
  configBytes: number;
  layers: ImageLayer[];
  /** The manifest names addresses of blobs. An engine that pulls it may ask those first, instead of the media. */
  hasUrls: boolean;
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** What only an index has, or a manifest of another version: a reader might take the document for that. */
const imageDocument = ociManifest.extend({
  manifests: z.unknown().optional(),
  fsLayers: z.unknown().optional(),
});

/** Checks an image's name and manifest against the bundle's list. Throws `import.unsafe-name`, `bundle.content-mismatch`. */
export function readPlannedImage(content: SeenContent, manifest: Buffer): PlannedImage {
  const what = `The manifest of ${content.name}`;
  const problem = imageName.safeParse(content.name).error?.issues[0]?.message;
  if (problem !== undefined) throw appError('import.unsafe-name', { name: content.name, problem });
  const { mediaType, digest } = content.manifest;
  if (!manifestTypes.includes(mediaType)) {
    throw appError('bundle.content-mismatch', { what, problem: `"${mediaType}" is no manifest of one image` });
  }
  const document = parseOci(manifest, imageDocument, what);
  const { config, layers } = document;
  const contradiction = manifestProblem(document, mediaType);
  if (contradiction) throw appError('bundle.content-mismatch', { what, problem: contradiction });
  const listed = content.blobs && new Map(content.blobs.map((blob) => [blob.digest, blob.sizeBytes]));
  for (const one of [config, ...layers]) {
    if (!listed || listed.get(one.digest) === one.size) continue;
    const problem = `it names ${one.digest} with ${one.size} bytes, which the bundle's list does not`;
    throw appError('bundle.content-mismatch', { what, problem });
  }
  return {
    reference: content.name,
    manifestDigest: digest,
    configDigest: config.digest,
    mediaType,
    manifest,
    configBytes: config.size,
    layers: layers.map((layer) => ({
      digest: layer.digest,
      sizeBytes: layer.size,
      isCompressed: !/\.tar$|layer\.v1\.tar$/.test(layer.mediaType),
      isZstd: isZstdLayer(layer),
    })),
    hasUrls: [config, ...layers].some(({ urls = [] }) => urls.length > 0),
  };
}

/** Returns why engines would refuse a manifest, or take it for something else than what its list says. */
function manifestProblem(document: z.infer<typeof imageDocument>, listedAs: string): string | undefined {
  const { mediaType, manifests, fsLayers, config, layers } = document;
  if (mediaType !== undefined && mediaType !== listedAs)
    return `the list names it as "${listedAs}", and it calls itself "${mediaType}"`;
  if (manifests !== undefined || fsLayers !== undefined) return 'it is two kinds of document at once';
  return imageTypeProblem(config, layers);
}

/** The blobs of an image, config first, each once. */
export function blobsOf(image: PlannedImage): { digest: string; sizeBytes: number }[] {
  const all = [{ digest: image.configDigest, sizeBytes: image.configBytes }, ...image.layers];
  return [...new Map(all.map(({ digest, sizeBytes }) => [digest, { digest, sizeBytes }])).values()];
}

const imageConfig = z.object({
  os: z.string().max(50),
  architecture: z.string().max(50),
  rootfs: z.object({ diff_ids: z.array(digest).max(10_000) }),
});

/** Facts from an image's configuration: `linux/amd64`, and the digests of its unpacked layers, lowest first. */
export interface ImageFacts {
  platform: string;
  diffIds: string[];
}

/** Reads an image's configuration. Throws `bundle.content-mismatch` when it is invalid or has other layers than the manifest, as far as that
 * shows without unpacking them. */
export function readImageConfig(image: PlannedImage, bytes: Buffer): ImageFacts {
  const what = `The configuration of ${image.reference}`;
  const { os, architecture, rootfs } = parseOci(bytes, imageConfig, what);
  if (rootfs.diff_ids.length !== image.layers.length) {
    const problem = `it has ${rootfs.diff_ids.length} layers, the manifest ${image.layers.length}`;
    throw appError('bundle.content-mismatch', { what, problem });
  }
  for (const [index, layer] of image.layers.entries()) {
    if (layer.isCompressed || layer.digest === rootfs.diff_ids[index]) continue;
    const problem = `layer ${index + 1} is ${rootfs.diff_ids[index]} in it, but ${layer.digest} in the manifest`;
    throw appError('bundle.content-mismatch', { what, problem });
  }
  return { platform: `${os}/${architecture}`, diffIds: rootfs.diff_ids };
}
