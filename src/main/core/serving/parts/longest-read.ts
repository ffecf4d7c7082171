const slowDiskBytesPerSecond = 50 * 1024 * 1024;
/** How much of a start's limit is for all but reading. */
export const startMs = 600_000;

/** Returns how long a slow disk takes to read this many bytes once. */
export function longestReadMs(sizeBytes: number): number {
  return Math.ceil((sizeBytes / slowDiskBytesPerSecond) * 1000);
}

/** Returns how long a server may take to start when it reads this many bytes first, also on a machine that is slow or busy. */
export function startLimitMs(readsBytes: number): number {
  return startMs + longestReadMs(readsBytes);
}
