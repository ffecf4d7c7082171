import zlib, { createGunzip } from 'node:zlib';

const gzipMagic = Buffer.from([0x1f, 0x8b]);
const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
type Zlib = { createZstdDecompress?: () => ReturnType<typeof createGunzip> };

/** Unpacks a layer by its first bytes, as engines do. A plain one is unpacked to what it is, and so is zstd before Node 22.15. */
export class Inflater {
  /** False where Node cannot unpack the layer. */
  readonly isAble: boolean;
  readonly #stream: ReturnType<typeof createGunzip> | undefined;
  readonly #take: (piece: Buffer) => void;
  #refusal: unknown;
  #isOver = false;

  /** `first` starts the layer. `take` gets each unpacked piece; what it throws, `push` throws. */
  constructor(first: Buffer, take: (piece: Buffer) => void) {
    this.#take = take;
    const begins = (magic: Buffer) => first.subarray(0, magic.length).equals(magic);
    if (begins(gzipMagic)) this.#stream = createGunzip();
    else if (begins(zstdMagic)) this.#stream = (zlib as Zlib).createZstdDecompress?.();
    this.isAble = this.#stream !== undefined || !begins(zstdMagic);
    // What cannot be unpacked, the engine refuses.
    this.#stream?.on('error', () => undefined);
    this.#stream?.on('data', (piece: Buffer) => this.#took(piece));
    this.#stream?.on('end', () => {
      this.#isOver = true;
    });
  }

  /** Unpacks a chunk, which may be overwritten afterwards. */
  async push(chunk: Buffer): Promise<void> {
    const stream = this.#stream;
    if (!stream) return this.#take(chunk);
    if (!stream.destroyed && !this.#isOver) await settled(stream, (done) => stream.write(chunk, done));
    if (this.#refusal) throw this.#refusal;
  }

  /** Returns whether the layer could be unpacked to its end. Call it after the last chunk. */
  async finish(): Promise<boolean> {
    const stream = this.#stream;
    if (!stream) return this.isAble;
    if (!stream.destroyed && !this.#isOver) await settled(stream, () => stream.end());
    if (this.#refusal) throw this.#refusal;
    return this.#isOver;
  }

  close(): void {
    this.#stream?.destroy();
  }

  #took(piece: Buffer): void {
    try {
      this.#take(piece);
    } catch (thrown) {
      this.#refusal = thrown;
      this.close();
    }
  }
}

/* A stream that fails, or ends before its last byte, calls back no write. */
async function settled(stream: ReturnType<typeof createGunzip>, start: (done: () => void) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const event of ['close', 'end']) stream.off(event, done);
      resolve();
    };
    for (const event of ['close', 'end']) stream.once(event, done);
    start(done);
  });
}
