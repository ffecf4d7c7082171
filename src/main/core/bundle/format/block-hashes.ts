import { createHash } from 'node:crypto';
import { blockBytes } from './format.ts';

/** A written file with the SHA-256 (hex) of the whole and of each 16 MiB block. */
export interface WrittenFile {
  sizeBytes: number;
  sha256: string;
  blocks: string[];
}

/** A SHA-256 of bytes so far, in this thread or another one. */
export interface RunningHash {
  /** Adds bytes. They may not change before the answer settles. */
  update(bytes: Buffer): unknown;
  /** Returns the digest (hex). More bytes may follow. */
  digest(): string | Promise<string>;
}

/** Starts a SHA-256 in this thread. */
export function hashHere(): RunningHash {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.copy().digest('hex') };
}

/** The digests of a part. No byte is hashed twice where one hash yields two of them. */
export class PartHashes {
  readonly #whole: RunningHash | undefined;
  /** Undefined where another hash yields it: for a part with one block, or for the first part of the whole. */
  readonly #part: RunningHash | undefined;
  readonly #isFirst: boolean;
  #block = createHash('sha256');
  #inBlock = 0;
  #sizeBytes = 0;
  /** The digests of the whole blocks so far. */
  readonly blocks: string[] = [];

  /** `begin` starts what is hashed besides the blocks. */
  constructor(sizeBytes: number, whole?: { hash: RunningHash; isFirst: boolean }, begin = hashHere) {
    this.#whole = whole?.hash;
    this.#isFirst = whole?.isFirst ?? false;
    this.#part = sizeBytes > blockBytes && !this.#isFirst ? begin() : undefined;
  }

  /**
   * Adds a chunk, which may not cross the end of a block: chunks of 1 MiB never do. Its blocks are hashed at once; until the answer
   * settles it may not change.
   */
  update(chunk: Buffer): Promise<unknown> {
    const others = this.#others(chunk);
    this.#block.update(chunk);
    this.#inBlock += chunk.length;
    this.#sizeBytes += chunk.length;
    if (this.#inBlock === blockBytes) this.#closeBlock();
    return others;
  }

  /** Adds a whole block whose digest is known. It may not change before the answer settles. */
  addBlock(block: Buffer, sha256: string): Promise<unknown> {
    this.blocks.push(sha256);
    this.#sizeBytes += block.length;
    return this.#others(block);
  }

  /** Closes the last block. Call it after the last byte. */
  end(): void {
    if (this.#inBlock > 0) this.#closeBlock();
  }

  async finish(): Promise<WrittenFile> {
    this.end();
    const part = this.#part ?? (this.#isFirst ? this.#whole : undefined);
    const sha256 = (await part?.digest()) ?? this.blocks[0] ?? createHash('sha256').digest('hex');
    return { sizeBytes: this.#sizeBytes, sha256, blocks: this.blocks };
  }

  #others(bytes: Buffer): Promise<unknown> {
    return Promise.all([this.#whole?.update(bytes), this.#part?.update(bytes)]);
  }

  #closeBlock(): void {
    this.blocks.push(this.#block.digest('hex'));
    this.#block = createHash('sha256');
    this.#inBlock = 0;
  }
}
