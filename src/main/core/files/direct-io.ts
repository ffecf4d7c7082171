import { constants, type FileHandle, open, statfs } from 'node:fs/promises';
import { closeFile } from './close-file.ts';

// Node has it, but its types come with the browser's.
declare const WebAssembly: {
  Memory: new (options: { initial: number; maximum: number; shared: true }) => { buffer: SharedArrayBuffer };
};

const wasmPageBytes = 64 * 1024;
/** Memory, offset and length of direct reads and writes start and end at multiples of it; disks with larger sectors refuse, and are not tried again. */
const pageBytes = 4096;
/** Linux's `f_type` of filesystems with a driver in user space (linux/magic.h). */
const fuseType = 0x65735546;

/**
 * Allocates page-aligned memory, which direct reads and writes need and an ordinary Buffer is not. The size is a multiple of 64 KiB. Another thread
 * can be given it. It is freed late: keep one for many files. Each takes 10 GiB of addresses; where these are limited (`ulimit -v`), it is not
 * aligned, and direct reads and writes are refused.
 */
export function pageAligned(sizeBytes: number): Buffer {
  const pages = sizeBytes / wasmPageBytes;
  try {
    return Buffer.from(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return Buffer.from(new SharedArrayBuffer(sizeBytes));
  }
}

/**
 * Opens a file for direct reads (or what `flags` says), past the page cache. Undefined if the system or filesystem has none, or if its
 * driver is in user space (FUSE): that one uses its device through the cache whatever it was asked for. Throws what `open` throws.
 */
export async function openDirect(path: string, flags: number = constants.O_RDONLY): Promise<FileHandle | undefined> {
  if (constants.O_DIRECT === undefined) return undefined;
  try {
    if ((await statfs(path)).type === fuseType) return undefined;
    return await open(path, flags | constants.O_DIRECT);
  } catch (error) {
    if (refusesDirect(error)) return undefined;
    throw error;
  }
}

/**
 * Writes to an open file past the page cache where its filesystem can, else through it: direct writes take half the processor time. What
 * is direct is found out at the first write. Reads of the file see both kinds of writes, and its `sync` covers both. One write at a time.
 */
export class DirectWriter {
  readonly file: FileHandle;
  #direct: FileHandle | undefined;
  #isTried = false;

  /** Whoever opened the file closes it, after this. */
  constructor(file: FileHandle) {
    this.file = file;
  }

  /** Writes all of `data`; what `pageAligned` allocated goes past the cache. Throws the system's errors. */
  async write(data: Buffer, position: number): Promise<void> {
    let done = await this.#writePages(data, position);
    while (done < data.length) {
      done += (await this.file.write(data, done, data.length - done, position + done)).bytesWritten;
    }
  }

  async close(): Promise<void> {
    await closeFile(this.#direct);
    this.#direct = undefined;
  }

  /** Writes the whole pages directly. Returns how many bytes that were; 0 where it can't be done. */
  async #writePages(data: Buffer, position: number): Promise<number> {
    const bytes = data.length - (data.length % pageBytes);
    if (bytes === 0 || data.byteOffset % pageBytes !== 0 || position % pageBytes !== 0) return 0;
    if (!this.#isTried) this.#direct = await this.#reopen();
    this.#isTried = true;
    try {
      return (await this.#direct?.write(data, 0, bytes, position))?.bytesWritten ?? 0;
    } catch (error) {
      if (!refusesDirect(error)) throw error;
      await this.close();
      return 0;
    }
  }

  /** The same file, whatever has its name by now. */
  #reopen(): Promise<FileHandle | undefined> {
    return openDirect(`/proc/self/fd/${this.file.fd}`, constants.O_WRONLY).catch(() => undefined);
  }
}

/** Whether this is the answer of a filesystem without direct reads or writes; some give it at the first one only. */
export function refusesDirect(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return code === 'EINVAL' || code === 'ENOTSUP';
}
