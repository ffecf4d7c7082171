const slowDiskBytesPerSecond = 50 * 1024 * 1024;

/** Returns how long a slow disk takes to read this many bytes once. */
export function longestReadMs(sizeBytes: number): number {
  return Math.ceil((sizeBytes / slowDiskBytesPerSecond) * 1000);
}
