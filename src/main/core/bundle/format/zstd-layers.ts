/** The first major version of Docker that unpacks layers compressed with zstd (release notes of Docker Engine 23.0). */
export const leastZstdMajor = 23;

/** True for a layer compressed with zstd, by its media type. */
export function isZstdLayer({ mediaType }: { mediaType: string }): boolean {
  return /[.+]zstd$/.test(mediaType);
}
