import { createHash, type Hash } from 'node:crypto';
import { blockBytes } from './format.ts';

/** A written file with the SHA-256 (hex) of the whole and of each 16 MiB block. */
export interface WrittenFile {
  sizeBytes: number;
  sha256: string;
  blocks: string[];
}

/** The digests of a part. No byte is hashed twice where one hash yields two of them. */
export class PartHashes {
  readonly #whole: Hash | undefined;
  /** Undefined where another hash yields it: for a part with one block, or for the first part of the whole. */
  readonly #part: Hash | undefined;
  readonly #isFirst: boolean;
  #block = createHash('sha256');
  #inBlock = 0;
  #sizeBytes = 0;
  /** The digests of the whole blocks so far. */
  readonly blocks: string[] = [];

  constructor(sizeBytes: number, whole?: { hash: Hash; isFirst: boolean }) {
    this.#whole = whole?.hash;
    this.#isFirst = whole?.isFirst ?? false;
    this.#part = sizeBytes > blockBytes && !this.#isFirst ? createHash('sha256') : undefined;
  }

  /** A chunk may not cross the end of a block: chunks of 1 MiB never do. */
  update(chunk: Buffer): void {
    this.#whole?.update(chunk);
    this.#part?.update(chunk);
    this.#block.update(chunk);
    this.#inBlock += chunk.length;
    this.#sizeBytes += chunk.length;
    if (this.#inBlock === blockBytes) this.#closeBlock();
  }

  /** Adds a whole block whose digest is known. */
  addBlock(block: Buffer, sha256: string): void {
    this.#whole?.update(block);
    this.#part?.update(block);
    this.blocks.push(sha256);
    this.#sizeBytes += block.length;
  }

  /** Closes the last block. Call it after the last byte. */
  end(): void {
    if (this.#inBlock > 0) this.#closeBlock();
  }

  finish(): WrittenFile {
    this.end();
    const part = this.#part ?? (this.#isFirst ? this.#whole?.copy() : undefined);
    const sha256 = part?.digest('hex') ?? this.blocks[0] ?? createHash('sha256').digest('hex');
    return { sizeBytes: this.#sizeBytes, sha256, blocks: this.blocks };
  }

  #closeBlock(): void {
    this.blocks.push(this.#block.digest('hex'));
    this.#block = createHash('sha256');
    this.#inBlock = 0;
  }
}
