import { z } from 'zod';
import { digest } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { imageName } from '../../../../shared/image-reference.ts';
import type { ImageIdentity } from '../../engine/image-identity.ts';
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
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** Checks an image's name and manifest against the bundle's list. Throws `import.unsafe-name`, `bundle.content-mismatch`. */
export function readPlannedImage(content: SeenContent, manifest: Buffer): PlannedImage {
  const what = `The manifest of ${content.name}`;
  if (!imageName.safeParse(content.name).success) throw appError('import.unsafe-name', { name: content.name });
  const { mediaType, digest } = content.manifest;
  if (!manifestTypes.includes(mediaType)) {
    throw appError('bundle.content-mismatch', { what, problem: `"${mediaType}" is no manifest of one image` });
  }
  const { config, layers } = parseOci(manifest, ociManifest, what);
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
  };
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

/** Reads an image's configuration. Throws `bundle.content-mismatch` when it is invalid or has other layers than the manifest. */
export function readImageConfig(image: PlannedImage, bytes: Buffer): ImageFacts {
  const what = `The configuration of ${image.reference}`;
  const { os, architecture, rootfs } = parseOci(bytes, imageConfig, what);
  if (rootfs.diff_ids.length !== image.layers.length) {
    const problem = `it has ${rootfs.diff_ids.length} layers, the manifest ${image.layers.length}`;
    throw appError('bundle.content-mismatch', { what, problem });
  }
  return { platform: `${os}/${architecture}`, diffIds: rootfs.diff_ids };
}
