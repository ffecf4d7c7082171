const slowDiskBytesPerSecond = 50 * 1024 * 1024;

/** How long a slow disk takes to read so many bytes once. */
export function slowReadMs(sizeBytes: number): number {
  return Math.ceil((sizeBytes / slowDiskBytesPerSecond) * 1000);
}
