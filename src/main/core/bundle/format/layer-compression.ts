/** How a layer is compressed, as the end of its media type states it. */
type Compression = '' | '+gzip' | '+zstd';

/**
 * Returns how a layer is compressed, by its first four bytes, as engines tell it: zstd may begin with a frame to be skipped (RFC 8878,
 * section 3.1.2), as parallel compressors write it.
 */
export function compressionOf(start: Uint8Array): Compression {
  const [a = 0, b = 0, c = 0, d = 0] = start;
  if (a === 0x1f && b === 0x8b) return '+gzip';
  const magic = ((d << 24) | (c << 16) | (b << 8) | a) >>> 0;
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5 ? '+zstd' : '';
}
