import { constants, type FileHandle, open } from 'node:fs/promises';

// Node has it, but its types come with the browser's.
declare const WebAssembly: { Memory: new (options: { initial: number }) => { buffer: ArrayBuffer } };

const pageBytes = 64 * 1024;

/** Allocates page-aligned memory, which direct reads need and an ordinary Buffer is not. The size is a multiple of 64 KiB. */
export function pageAligned(sizeBytes: number): Uint8Array {
  return new Uint8Array(new WebAssembly.Memory({ initial: sizeBytes / pageBytes }).buffer);
}

/** Opens a file for direct reads, past the page cache. Undefined if the system or filesystem has none. Throws what `open` throws. */
export async function openDirect(path: string): Promise<FileHandle | undefined> {
  if (constants.O_DIRECT === undefined) return undefined;
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return undefined;
    throw error;
  }
}
