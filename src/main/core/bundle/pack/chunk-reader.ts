import { blockBytes } from '../format/format.ts';
import type { ByteSource } from './byte-source.ts';
import { quiet } from './on-file.ts';

/** Chunks of this size never cross the end of a block. */
export const chunkBytes = 1024 * 1024;
/** The chunk being written, the chunk being hashed, the chunk being read. */
const bufferCount = 3;

/** Bytes of a source from an offset on. */
export interface SourceAt {
  source: ByteSource;
  offsetBytes: number;
}

/** Bytes of a source in chunks that never cross the end of a block, read one chunk ahead, but not into a block that is fetched as a whole. */
export class ChunkReader {
  readonly #source: ByteSource;
  readonly #buffers: readonly Buffer[];
  readonly #lengths: number[];
  readonly #start: number;
  readonly #sizeBytes: number;
  #done = 0;
  #index = 0;
  #ahead: Promise<Buffer> | undefined;

  /** `buffers` are those of `chunkBuffers`. */
  constructor({ source, offsetBytes }: SourceAt, sizeBytes: number, buffers: readonly Buffer[]) {
    this.#source = source;
    this.#start = offsetBytes;
    this.#sizeBytes = sizeBytes;
    this.#lengths = chunkLengths(sizeBytes);
    this.#buffers = buffers;
    this.#ahead = this.#read();
  }

  /** Returns the next chunk, never empty. Its buffer is reused two calls later. `entered`: the ledger has the blocks before. */
  async take(entered: Promise<unknown>): Promise<Buffer> {
    if (!this.#ahead) await entered;
    const chunk = await (this.#ahead ?? this.#read());
    const isHeld = this.#done % blockBytes === 0 && this.#source.isSplit?.();
    this.#ahead = isHeld ? undefined : this.#read();
    return chunk;
  }

  #read(): Promise<Buffer> {
    const index = this.#index++;
    const buffer = (this.#buffers[index % bufferCount] ?? Buffer.alloc(0)).subarray(0, this.#lengths[index] ?? 0);
    const [from, blockStart] = [this.#done, this.#done - (this.#done % blockBytes)];
    this.#done += buffer.length;
    const blockEnd = Math.min(this.#sizeBytes, blockStart + blockBytes);
    return quiet(this.#source.fill(buffer, this.#start + from, this.#start + blockEnd));
  }
}

/** Allocates what a `ChunkReader` reads into, for parts up to this size. */
export function chunkBuffers(sizeBytes: number, allocate: (sizeBytes: number) => Buffer): Buffer[] {
  return Array.from({ length: bufferCount }, () => allocate(Math.min(chunkBytes, sizeBytes)));
}

/** The sizes of the chunks of a part. */
export function chunkLengths(sizeBytes: number): number[] {
  const count = Math.ceil(sizeBytes / chunkBytes);
  return Array.from({ length: count }, (_, index) => Math.min(chunkBytes, sizeBytes - index * chunkBytes));
}
