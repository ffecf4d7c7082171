import zlib, { createGunzip } from 'node:zlib';
import { compressionOf } from './layer-compression.ts';

type Stream = ReturnType<typeof createGunzip>;
type Zlib = { createZstdDecompress?: (options: { chunkSize: number }) => Stream };

/** Of a frame that needs more memory than Node gives to unpack it; engines may give more. */
const tooLarge = ['ZSTD_error_frameParameter_windowTooLarge', 'ZSTD_error_memory_allocation'];

/**
 * Some versions of Node end after each frame, and another stream for the next takes about 0.1 ms: a layer of tiny frames would take hours.
 * Parallel compressors make frames of 512 KiB and more, each with one to skip.
 */
const leastFrameBytes = 4096;
const freeFrames = 1000;

/** Of what is unpacked. Node's own 16 KiB take twice the processor time. */
const pieceBytes = 256 * 1024;

/**
 * Unpacks a layer by its first bytes, as engines do, through all its gzip members or zstd frames. A plain layer is taken as it is. So is zstd
 * from where this Node cannot unpack it: before 22.15 all of it, later a frame that needs too much memory, and what has more frames than
 * this can open one by one; `isAble` is false then, and what
 * was taken is less than what engines unpack.
 */
export class Inflater {
  readonly #compression: ReturnType<typeof compressionOf>;
  readonly #take: (piece: Buffer) => void;
  #stream: Stream | undefined;
  #isAble = true;
  #refusal: unknown;
  #isOver = false;
  #openedCount = 0;
  #takenInBytes = 0;

  /** `first` starts the layer. `take` gets each unpacked piece; what it throws, `push` throws. */
  constructor(first: Buffer, take: (piece: Buffer) => void) {
    this.#compression = compressionOf(first);
    this.#take = take;
    this.#open();
  }

  /** False where Node cannot unpack the layer. Final after the last chunk. */
  get isAble(): boolean {
    return this.#isAble;
  }

  /** Unpacks a chunk, which may be overwritten afterwards. */
  async push(chunk: Buffer): Promise<void> {
    for (let rest = chunk; rest.length > 0; ) {
      // Behind gzip's last member is only padding. Behind a frame of zstd may be another: some versions of Node end after each.
      if (this.#isOver && this.#compression === '+gzip') return;
      if (this.#isOver) this.#open();
      if (this.#openedCount > freeFrames + this.#takenInBytes / leastFrameBytes) this.#isAble = false;
      const stream = this.#stream;
      if (!stream || !this.#isAble) return this.#take(rest);
      if (stream.destroyed) return;
      const before = stream.bytesWritten;
      await settled(stream, (done) => stream.write(rest, done));
      if (this.#refusal) throw this.#refusal;
      const isUsedUp = this.#isAble && !this.#isOver;
      const usedBytes = isUsedUp ? rest.length : stream.bytesWritten - before;
      this.#takenInBytes += usedBytes;
      if (isUsedUp) return;
      rest = rest.subarray(usedBytes);
    }
  }

  /**
   * Returns whether the layer could be unpacked to its end. Call it after the last chunk. Some versions of Node do not report a last
   * frame of zstd that is cut off.
   */
  async finish(): Promise<boolean> {
    const stream = this.#stream;
    if (!stream || !this.#isAble) return this.#isAble;
    if (!stream.destroyed && !this.#isOver) await settled(stream, () => stream.end());
    if (this.#refusal) throw this.#refusal;
    return this.#isOver;
  }

  close(): void {
    this.#stream?.destroy();
  }

  #open(): void {
    this.close();
    this.#isOver = false;
    this.#openedCount += 1;
    if (this.#compression === '') return;
    const options = { chunkSize: pieceBytes };
    const stream =
      this.#compression === '+gzip' ? createGunzip(options) : (zlib as Zlib).createZstdDecompress?.(options);
    this.#stream = stream;
    this.#isAble = stream !== undefined;
    // What else cannot be unpacked, the engine refuses.
    stream?.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      if (tooLarge.includes(code)) this.#isAble = false;
    });
    stream?.on('data', (piece: Buffer) => this.#took(piece));
    stream?.on('end', () => {
      this.#isOver = true;
    });
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
async function settled(stream: Stream, start: (done: () => void) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const event of ['close', 'end']) stream.off(event, done);
      resolve();
    };
    for (const event of ['close', 'end']) stream.once(event, done);
    start(done);
  });
}
