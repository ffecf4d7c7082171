import { constants, type FileHandle, open, statfs } from 'node:fs/promises';

// Node has it, but its types come with the browser's.
declare const WebAssembly: { Memory: new (options: { initial: number }) => { buffer: ArrayBuffer } };

const pageBytes = 64 * 1024;
/** Linux's `f_type` of filesystems with a driver in user space (linux/magic.h). */
const fuseType = 0x65735546;

/** Allocates page-aligned memory, which direct reads need and an ordinary Buffer is not. The size is a multiple of 64 KiB. */
export function pageAligned(sizeBytes: number): Uint8Array {
  return new Uint8Array(new WebAssembly.Memory({ initial: sizeBytes / pageBytes }).buffer);
}

/**
 * Opens a file for direct reads, past the page cache. Undefined if the system or filesystem has none, or if its driver is in user space (FUSE): that
 * one reads its device through the cache whatever it was asked for. Throws what `open` throws.
 */
export async function openDirect(path: string): Promise<FileHandle | undefined> {
  if (constants.O_DIRECT === undefined) return undefined;
  try {
    if ((await statfs(path)).type === fuseType) return undefined;
    return await open(path, constants.O_RDONLY | constants.O_DIRECT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return undefined;
    throw error;
  }
}
