import { randomFillSync, randomUUID } from 'node:crypto';
import { type FileHandle, open, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { DiskSpeed } from '../../../shared/machine.ts';
import { openDirect, pageAligned, refusesDirect } from '../files/direct-io.ts';
import { fileError } from '../files/file-error.ts';

const chunkBytes = 4 * 1024 * 1024;
/* A smaller read is too fast to measure, and may come from the disk's own cache. */
const leastBytes = 16 * chunkBytes;
const ownFileBytes = 256 * 1024 * 1024;

/** The time limit, and how much to read. */
export interface MeasureLimits {
  timeMs: number;
  sizeBytes: number;
}

const usualLimits: MeasureLimits = { timeMs: 10_000, sizeBytes: 2 * 1024 ** 3 };

/**
 * Measures how fast a disk reads sequentially, bypassing the page cache where possible. Reads the start of a file; in a folder, writes a
 * temporary file of 256 MiB, which is always removed on Linux and macOS. Throws `hardware.measure-small`, `hardware.measure-space` and
 * file errors.
 */
export async function measureDisk(
  path: string,
  signal: AbortSignal,
  limits: MeasureLimits = usualLimits,
): Promise<DiskSpeed> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return await measureFolder(path, signal, limits);
    if (!found.isFile() || found.size < leastBytes) throw appError('hardware.measure-small', { path, leastBytes });
    return await measureFile(path, signal, limits);
  } catch (error) {
    signal.throwIfAborted();
    throw fileError(path, 'read', error, 'The file to measure');
  }
}

async function measureFile(path: string, signal: AbortSignal, limits: MeasureLimits): Promise<DiskSpeed> {
  const file = await open(path, 'r');
  let direct: FileHandle | undefined;
  try {
    direct = await openDirect(path);
    return { path, ...(await measured(file, direct, signal, limits)) };
  } finally {
    await direct?.close().catch(() => undefined);
    await file.close().catch(() => undefined);
  }
}

async function measureFolder(folder: string, signal: AbortSignal, limits: MeasureLimits): Promise<DiskSpeed> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < ownFileBytes * 4)
    throw appError('hardware.measure-space', { path: folder, neededBytes: ownFileBytes * 4 });
  const path = join(folder, `.sealift-measure-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  let direct: FileHandle | undefined;
  try {
    direct = await openDirect(path);
    // An unlinked file disappears when this process ends, however it ends. Windows does not allow this.
    if (process.platform !== 'win32') await rm(path);
    await fill(file, signal, limits.timeMs);
    return { path: folder, ...(await measured(file, direct, signal, limits)) };
  } finally {
    await direct?.close().catch(() => undefined);
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
  }
}

/** Random bytes, so that no disk or filesystem can shrink them. */
async function fill(file: FileHandle, signal: AbortSignal, timeMs: number): Promise<void> {
  const chunk = randomFillSync(Buffer.alloc(chunkBytes));
  const end = performance.now() + timeMs;
  for (let at = 0; at < ownFileBytes && (at < leastBytes || performance.now() < end); at += chunkBytes) {
    signal.throwIfAborted();
    chunk.writeUInt32LE(at / chunkBytes);
    await file.write(chunk, 0, chunkBytes, at);
  }
  await file.datasync();
}

/** Reads past the cache where that works: some filesystems refuse it at the first read only. */
async function measured(
  file: FileHandle,
  direct: FileHandle | undefined,
  signal: AbortSignal,
  limits: MeasureLimits,
): Promise<Omit<DiskSpeed, 'path'>> {
  try {
    if (direct) return { ...(await readSpeed(direct, signal, limits)), isDirect: true };
  } catch (error) {
    if (!refusesDirect(error)) throw error;
  }
  return { ...(await readSpeed(file, signal, limits)), isDirect: false };
}

async function readSpeed(file: FileHandle, signal: AbortSignal, limits: MeasureLimits) {
  const buffer = pageAligned(chunkBytes);
  let readBytes = 0;
  const began = performance.now();
  while (readBytes < limits.sizeBytes && performance.now() - began < limits.timeMs) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, readBytes);
    readBytes += bytesRead;
    if (bytesRead < chunkBytes) break;
  }
  const seconds = Math.max(0.001, (performance.now() - began) / 1000);
  return { bytesPerSecond: Math.round(readBytes / seconds), readBytes };
}
