import { createHash } from 'node:crypto';
import { Inflater } from '../format/inflater.ts';
import type { CopyResult } from './copy-order.ts';

/** What is done with a compressed layer to learn what it unpacks to, in this thread or another one. */
export interface LayerHash {
  update(chunk: Buffer): Promise<unknown>;
  finish(): Promise<Pick<CopyResult, 'unpacked'>>;
  close(): void;
}

/** The digest of what a compressed layer unpacks to. Nothing of it is kept. */
export class UnpackedHash implements LayerHash {
  readonly #hash = createHash('sha256');
  #inflater: Inflater | undefined;

  /** Adds a chunk, which may be overwritten afterwards. */
  async update(chunk: Buffer): Promise<void> {
    this.#inflater ??= new Inflater(chunk, (piece) => this.#hash.update(piece));
    await this.#inflater.push(chunk);
  }

  /** Returns nothing where this Node cannot unpack the layer. */
  async finish(): Promise<Pick<CopyResult, 'unpacked'>> {
    const isWhole = await this.#inflater?.finish();
    if (this.#inflater?.isAble === false) return {};
    return { unpacked: { sha256: isWhole ? this.#hash.digest('hex') : undefined } };
  }

  close(): void {
    this.#inflater?.close();
  }
}
