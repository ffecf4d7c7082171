import type { FileHandle } from 'node:fs/promises';
import type { JsonLines } from '../../files/json-lines.ts';
import type { PartHashes } from '../format/block-hashes.ts';
import { blockBytes } from '../format/format.ts';
import { onFile, quiet } from './on-file.ts';
import type { PackLine } from './pack-ledger.ts';

/**
 * Flushes a file after each block while writing continues, so that the last flush of a slow stick stays short, and enters the blocks
 * in the ledger once they are on the medium. At most one flush runs at a time.
 */
export class Flush {
  readonly #out: FileHandle;
  readonly #part: { path: string; file: string };
  readonly #hashes: PartHashes;
  readonly #ledger: JsonLines<PackLine>;
  #entered: number;
  #sinceBytes = 0;
  #running: Promise<void> = Promise.resolve();

  /** The blocks that are hashed already are in the ledger. */
  constructor(out: FileHandle, part: { path: string; file: string }, hashes: PartHashes, ledger: JsonLines<PackLine>) {
    this.#out = out;
    this.#part = part;
    this.#hashes = hashes;
    this.#ledger = ledger;
    this.#entered = hashes.blocks.length;
  }

  /** Counts bytes that were hashed and that `writing` writes. */
  async wrote(bytes: number, writing: Promise<unknown>): Promise<void> {
    this.#sinceBytes += bytes;
    if (this.#sinceBytes < blockBytes) return;
    this.#sinceBytes = 0;
    await this.#running;
    this.#running = quiet(this.#flush(writing));
  }

  /** Flushes the rest. Call it after the last write. */
  async end(): Promise<void> {
    await this.#running;
    await onFile(this.#part.path, 'write', this.#out.sync());
    this.#hashes.end();
    await this.#enter(this.#hashes.blocks.length);
  }

  async #flush(writing: Promise<unknown>): Promise<void> {
    const count = this.#hashes.blocks.length;
    await writing;
    await onFile(this.#part.path, 'write', this.#out.datasync());
    await this.#enter(count);
  }

  async #enter(count: number): Promise<void> {
    const { file } = this.#part;
    for (; this.#entered < count; this.#entered += 1) {
      const sha256 = this.#hashes.blocks[this.#entered];
      if (sha256 !== undefined) await this.#ledger.append({ file, index: this.#entered, sha256 });
    }
  }
}
