import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { openDirect, pageAligned } from '../files/direct-read.ts';
import { blockBytes } from './format.ts';
import type { FileFailure } from './pack-copy.ts';

/** A file that was written, to be read again; `path` on this machine. */
export interface ReadBackOrder {
  path: string;
  sizeBytes: number;
  blocks: string[];
}

/** What the medium gave back. `isDirect`: read past the page cache. `differentBlock`: the first one that differs. */
export interface ReadBackResult {
  isDirect: boolean;
  differentBlock?: number;
}

export interface ReadBackWatch {
  check(): void;
  read(bytes: number): void;
}

const readBytes = 4 * 1024 * 1024;

/** Reads files back and compares their blocks; keeps one buffer for all of them. */
export class ReadBack {
  readonly #buffer = pageAligned(readBytes);

  /** Fails with a `FileFailure` when the file cannot be read. */
  async check(order: ReadBackOrder, watch: ReadBackWatch): Promise<ReadBackResult> {
    try {
      return (await this.#direct(order, watch)) ?? (await this.#pass(order, await open(order.path, 'r'), false, watch));
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      throw { code: code ?? 'UNKNOWN', message, path: order.path, action: 'read' } satisfies FileFailure;
    }
  }

  /** Undefined where the filesystem does not read past its cache. */
  async #direct(order: ReadBackOrder, watch: ReadBackWatch): Promise<ReadBackResult | undefined> {
    try {
      const file = await openDirect(order.path);
      return file && (await this.#pass(order, file, true, watch));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EINVAL') return undefined;
      throw error;
    }
  }

  async #pass(
    order: ReadBackOrder,
    file: FileHandle,
    isDirect: boolean,
    watch: ReadBackWatch,
  ): Promise<ReadBackResult> {
    try {
      const { size } = await file.stat();
      if (size !== order.sizeBytes)
        return { isDirect, differentBlock: Math.floor(Math.min(size, order.sizeBytes) / blockBytes) };
      for (const [block, expected] of order.blocks.entries()) {
        const hash = createHash('sha256');
        for (let at = block * blockBytes; at < Math.min((block + 1) * blockBytes, size); ) {
          watch.check();
          const { bytesRead } = await file.read(this.#buffer, 0, readBytes, at);
          if (bytesRead === 0) return { isDirect, differentBlock: block };
          hash.update(this.#buffer.subarray(0, bytesRead));
          at += bytesRead;
          watch.read(bytesRead);
        }
        if (hash.digest('hex') !== expected) return { isDirect, differentBlock: block };
      }
      return { isDirect };
    } finally {
      await file.close();
    }
  }
}
