import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { closeFile } from '../../files/close-file.ts';
import { openDirect, pageAligned, refusesDirect } from '../../files/direct-io.ts';
import { blockBytes } from '../format/format.ts';
import { packIoError } from '../format/medium-io-error.ts';
import type { CopyWatch } from './copy-order.ts';

/** A written file to read again; `path` on this machine. */
export interface ReadBackOrder {
  path: string;
  sizeBytes: number;
  blocks: string[];
}

/** What was read from the medium. `isDirect`: read past the page cache. `differentBlock`: the first one that differs. */
export interface ReadBackResult {
  isDirect: boolean;
  differentBlock?: number;
}

const readBytes = 4 * 1024 * 1024;

/** Reads files back and compares their blocks; keeps one buffer for all of them. */
export class ReadBack {
  readonly #buffer = pageAligned(readBytes);

  /** Throws `file.*` or `medium.gone` when the file cannot be read. */
  async check(order: ReadBackOrder, watch: CopyWatch): Promise<ReadBackResult> {
    try {
      return (await this.#direct(order, watch)) ?? (await this.#pass(order, await open(order.path, 'r'), false, watch));
    } catch (error) {
      throw packIoError(error, order.path, 'read');
    }
  }

  /** Undefined where the filesystem does not read past its cache. */
  async #direct(order: ReadBackOrder, watch: CopyWatch): Promise<ReadBackResult | undefined> {
    try {
      const file = await openDirect(order.path);
      return file && (await this.#pass(order, file, true, watch));
    } catch (error) {
      if (refusesDirect(error)) return undefined;
      throw error;
    }
  }

  async #pass(order: ReadBackOrder, file: FileHandle, isDirect: boolean, watch: CopyWatch): Promise<ReadBackResult> {
    try {
      const { size } = await file.stat();
      if (size !== order.sizeBytes)
        return { isDirect, differentBlock: Math.floor(Math.min(size, order.sizeBytes) / blockBytes) };
      for (const [block, expected] of order.blocks.entries()) {
        const hash = createHash('sha256');
        for (let at = block * blockBytes; at < Math.min((block + 1) * blockBytes, size); ) {
          watch.signal.throwIfAborted();
          const { bytesRead } = await file.read(this.#buffer, 0, readBytes, at);
          if (bytesRead === 0) return { isDirect, differentBlock: block };
          hash.update(this.#buffer.subarray(0, bytesRead));
          at += bytesRead;
          watch.onBytes(bytesRead);
        }
        if (hash.digest('hex') !== expected) return { isDirect, differentBlock: block };
      }
      return { isDirect };
    } finally {
      await closeFile(file);
    }
  }
}
