import { appError } from '../../../../shared/errors/app-error.ts';
import { imageTypeProblem, layerType } from '../format/image-types.ts';
import { compressionOf } from '../format/layer-compression.ts';
import { isZstdLayer, leastZstdMajor } from '../format/zstd-layers.ts';

const layerMediaType = 'application/vnd.oci.image.layer.v1.tar';
const foreignType = /\.nondistributable\.|\.foreign\./;

/** Returns the media type of a layer, by its first four bytes. */
export function layerTypeOf(start: Buffer): string {
  return layerMediaType + compressionOf(start);
}

/** True for a layer that its publisher leaves out of the image: engines fetch it from elsewhere. */
export function isForeignLayer({ mediaType }: { mediaType: string }): boolean {
  return foreignType.test(mediaType);
}

/** Returns the warnings about an image: which engines cannot take its layers. */
export function layerWarnings(reference: string, layers: { mediaType: string }[]): string[] {
  if (!layers.some(isZstdLayer)) return [];
  return [
    `${reference} has layers compressed with zstd: Docker before version ${leastZstdMajor} cannot import it. For such an engine, pull the image into a local Docker and write \`engine: docker\` instead of \`path\`.`,
  ];
}

/** Throws `pack.not-an-image` for a manifest whose media types are not those of a container image, such as a chart's. */
export function refuseOtherTypes(path: string, config: { mediaType: string }, layers: { mediaType: string }[]): void {
  const reason = imageTypeProblem(config, layers);
  if (reason) throw appError('pack.not-an-image', { path, reason });
}

/**
 * Throws `pack.image-incomplete` for a layer whose first bytes contradict its media type. Engines unpack a plain layer under the
 * type of gzip.
 */
export function refuseMislabelled(path: string, layer: { mediaType: string; digest: string }, start: Buffer): void {
  const stated = layerType.exec(layer.mediaType)?.[1] ?? '';
  const found = compressionOf(start).slice(1);
  if (stated === found || (stated === 'gzip' && found === '')) return;
  const words = (compression: string) => (compression ? `compressed with ${compression}` : 'not compressed');
  const problem = `its layer ${layer.digest} is ${words(found)}, but its manifest states ${layer.mediaType}`;
  throw appError('pack.image-incomplete', { path, problem });
}
