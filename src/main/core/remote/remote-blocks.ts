import type { RemoteWatch } from './back-off.ts';
import type { RemoteRange } from './remote-access.ts';
import { type Found, RemoteBytes } from './remote-bytes.ts';
import type { RemoteHost } from './remote-host.ts';

/** What one connection fetches of a block. */
const pieceBytes = 4 * 1024 * 1024;
/** What is passed on at once. */
const sliceBytes = 1024 * 1024;

/** Bytes that one of the connections fetches. */
interface Slice {
  from: number;
  end: number;
  filled: Promise<unknown>;
}

/**
 * The bytes at an address, read from start to end in blocks. They come as one stream for as long as that is fast enough. After a slow block,
 * the next one is fetched in pieces over several connections. After a refused piece, the rest comes as one stream.
 */
export class RemoteBlocks {
  readonly #host: RemoteHost;
  readonly #range: RemoteRange;
  readonly #watch: RemoteWatch;
  readonly #slowBytesPerSecond: number;
  readonly #closing = new AbortController();
  readonly #stream: RemoteBytes;
  #isRefused = false;
  #pieces: RemoteBytes[] = [];
  #slices: Slice[] = [];
  /** The bytes of the slices. */
  #block: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** Where the bytes were found last. */
  #found: Found | undefined;

  constructor(host: RemoteHost, range: RemoteRange, watch: RemoteWatch, slowBytesPerSecond: number) {
    this.#host = host;
    this.#range = range;
    // Whoever closes it ends also what is being read ahead.
    const signal = AbortSignal.any([watch.signal, this.#closing.signal]);
    this.#watch = { signal, say: (line) => watch.say(line) };
    this.#slowBytesPerSecond = slowBytesPerSecond;
    this.#stream = new RemoteBytes(host, range, this.#watch);
  }

  /** True at the end of a block if the next one will be fetched in pieces: all of it is asked for at once. */
  isSplit(): boolean {
    const connections = [this.#stream, ...this.#pieces];
    const bytes = connections.reduce((sum, { pace }) => sum + pace.bytes, 0);
    const ms = connections.reduce((sum, { pace }) => sum + pace.ms, 0);
    const isSlow = (bytes * 1000) / ms < this.#slowBytesPerSecond;
    return isSlow && !this.#isRefused && this.#stream.found?.takesRanges === true;
  }

  /**
   * Fills the buffer from a position on, which is in the block that ends at `end`. Without an end, nothing is split. Throws what
   * `RemoteBytes.fill` throws.
   */
  async fill(buffer: Buffer, position: number, end = 0): Promise<Buffer> {
    if (end > this.#end) this.#begin(position, end);
    const slices = this.#slices.filter((one) => one.from < position + buffer.length && position < one.end);
    if (slices.length === 0) return this.#stream.fill(buffer, position);
    try {
      await Promise.all(slices.map(({ filled }) => filled));
      this.#block.copy(buffer, 0, position - this.#start);
      return buffer;
    } catch {
      this.#watch.signal.throwIfAborted();
      this.#isRefused = true;
      // A host that takes only so many connections would refuse this one too. It is patient, and its error is the one to report.
      await Promise.allSettled(this.#slices.map(({ filled }) => filled));
      return this.#stream.fill(buffer, position);
    }
  }

  /** Closes all connections. */
  close(): void {
    this.#closing.abort();
    for (const one of [this.#stream, ...this.#pieces]) one.close();
  }

  #begin(position: number, end: number): void {
    const isSplit = this.isSplit();
    // Each block asks once where its bytes are: an address that was signed for them expires, and a host counts how often it is asked.
    this.#found = (this.#pieces[0] ?? this.#stream).found;
    [this.#start, this.#end, this.#slices, this.#pieces] = [position, end, [], []];
    this.#stream.pace = { bytes: 0, ms: 0 };
    if (!isSplit) return;
    this.#stream.close();
    if (this.#block.length < end - position) this.#block = Buffer.allocUnsafe(end - position);
    for (let from = position; from < end; from += pieceBytes) this.#open(from, Math.min(end, from + pieceBytes));
  }

  #open(start: number, end: number): void {
    const url = (start > this.#start && this.#found?.url) || this.#range.url;
    const piece = new RemoteBytes(this.#host, { ...this.#range, wantedBytes: end }, this.#watch, { url });
    this.#pieces.push(piece);
    let before: Promise<unknown> = Promise.resolve();
    for (let from = start; from < end; from += sliceBytes) {
      const sliceEnd = Math.min(end, from + sliceBytes);
      const slice = this.#block.subarray(from - this.#start, sliceEnd - this.#start);
      before = before.then(() => piece.fill(slice, from));
      if (sliceEnd === end) before = before.then(() => piece.finish());
      this.#slices.push({ from, end: sliceEnd, filled: before });
    }
    void before.catch(() => undefined).then(() => piece.close());
  }
}
