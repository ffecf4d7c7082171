import { constants, type FileHandle, open } from 'node:fs/promises';

// Node has it; the type libraries keep it with the browser's.
declare const WebAssembly: { Memory: new (options: { initial: number }) => { buffer: ArrayBuffer } };

const pageBytes = 64 * 1024;

/** Memory that begins on a page, as reading past the page cache wants it; an ordinary Buffer does not. A multiple of 64 KiB. */
export function pageAligned(sizeBytes: number): Uint8Array {
  return new Uint8Array(new WebAssembly.Memory({ initial: sizeBytes / pageBytes }).buffer);
}

/** Opens a file for reading past the page cache; undefined where the system or the filesystem cannot. Throws what `open` throws. */
export async function openDirect(path: string): Promise<FileHandle | undefined> {
  if (constants.O_DIRECT === undefined) return undefined;
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return undefined;
    throw error;
  }
}
