import { stat, statfs } from 'node:fs/promises';

/** What a filesystem has free for this user. */
export interface FreeSpace {
  freeBytes: number;
  /** How much of that Sealift leaves to the rest of the machine, and to its own journals and records. */
  reserveBytes: number;
  /** Identifies the filesystem. */
  device: number;
}

const mebibyte = 1024 * 1024;
const leastReserveBytes = 4 * mebibyte;
const mostReserveBytes = 256 * mebibyte;
const reserveShare = 0.05;

/** Returns what the filesystem of an existing folder has free. The reserve is a twentieth of it, from 4 to 256 MiB. */
export async function freeSpace(folder: string): Promise<FreeSpace> {
  const [{ blocks, bavail, bsize }, { dev }] = await Promise.all([statfs(folder), stat(folder)]);
  const reserveBytes = Math.floor(
    Math.min(mostReserveBytes, Math.max(leastReserveBytes, blocks * bsize * reserveShare)),
  );
  return { freeBytes: bavail * bsize, reserveBytes, device: dev };
}
