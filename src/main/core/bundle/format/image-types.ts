const configTypes = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];

/** Matches the media types of an image's layers; the group is how it is compressed, if it is. */
export const layerType =
  /^application\/vnd\.(?:oci\.image\.layer(?:\.nondistributable)?\.v1\.tar|docker\.image\.rootfs(?:\.foreign)?\.diff\.tar)(?:[.+](gzip|zstd))?$/;

/** Returns why a manifest is not that of a container image by its media types, when packing as when importing: a chart's for example. */
export function imageTypeProblem(
  config: { mediaType: string },
  layers: readonly { mediaType: string }[],
): string | undefined {
  const isImage = configTypes.includes(config.mediaType);
  const other = isImage ? layers.find((one) => !layerType.test(one.mediaType)) : config;
  if (!other) return undefined;
  return `it holds something other than a container image: a ${isImage ? 'layer' : 'configuration'} of type ${other.mediaType}`;
}
