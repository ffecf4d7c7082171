import type { FileHandle } from 'node:fs/promises';
import type { JsonLines } from '../../files/json-lines.ts';
import type { PartHashes } from '../format/block-hashes.ts';
import { blockBytes } from '../format/format.ts';
import { onFile, quiet } from './on-file.ts';
import type { PackLine } from './pack-ledger.ts';

/**
 * Flushes a file after each block while writing continues, so that the last flush of a slow stick stays short. At most one flush runs
 * at a time. A block is entered in the ledger once it is written, before its flush: whoever resumes reads it from the medium again.
 */
export class Flush {
  readonly #out: FileHandle;
  readonly #part: { path: string; file: string };
  readonly #hashes: PartHashes;
  readonly #ledger: JsonLines<PackLine>;
  #entered: number;
  #sinceBytes = 0;
  #entering: Promise<void> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();

  /** The blocks that are hashed already are in the ledger. */
  constructor(out: FileHandle, part: { path: string; file: string }, hashes: PartHashes, ledger: JsonLines<PackLine>) {
    this.#out = out;
    this.#part = part;
    this.#hashes = hashes;
    this.#ledger = ledger;
    this.#entered = hashes.blocks.length;
  }

  /** Resolves once the ledger has every whole block that `wrote` counted. */
  get entered(): Promise<void> {
    return this.#entering;
  }

  /** Counts bytes that were hashed and that `writing` writes. */
  async wrote(bytes: number, writing: Promise<unknown>): Promise<void> {
    this.#sinceBytes += bytes;
    if (this.#sinceBytes < blockBytes) return;
    this.#sinceBytes = 0;
    // Not after the flush before, which may take longer than the next block: a kill would cost both.
    this.#entering = quiet(this.#enter(Promise.all([this.#entering, writing]), this.#hashes.blocks.length));
    await this.#running;
    this.#running = quiet(this.#flush(this.#entering));
  }

  /** Flushes the rest. Call it after the last write. */
  async end(): Promise<void> {
    this.#hashes.end();
    await this.#enter(this.#entering, this.#hashes.blocks.length);
    await this.#running;
    await onFile(this.#part.path, 'write', this.#out.sync());
  }

  async #flush(entering: Promise<void>): Promise<void> {
    await entering;
    await onFile(this.#part.path, 'write', this.#out.datasync());
  }

  /** Enters so many blocks, once they are written. */
  async #enter(written: Promise<unknown>, count: number): Promise<void> {
    await written;
    const { file } = this.#part;
    for (; this.#entered < count; this.#entered += 1) {
      const sha256 = this.#hashes.blocks[this.#entered];
      if (sha256 !== undefined) await this.#ledger.append({ file, index: this.#entered, sha256 });
    }
  }
}
