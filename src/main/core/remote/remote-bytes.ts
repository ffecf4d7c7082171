import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { backOff, type RemoteWatch } from './back-off.ts';
import type { RemoteRange } from './remote-access.ts';
import { drop, type RemoteAnswer, type RemoteHost } from './remote-host.ts';

const attempts = 8;

/** Where an answer came from: its address may hold a signature, so never log or show it. `takesRanges`: it sends parts too, or says so. */
export interface Found {
  url: string;
  takesRanges: boolean;
}

/**
 * The bytes at an address, streamed. After a broken connection it continues with the first byte that is missing (a Range request), again
 * and again as long as bytes arrive in between.
 */
export class RemoteBytes {
  readonly #host: RemoteHost;
  readonly #range: RemoteRange;
  readonly #watch: RemoteWatch;
  readonly #piece: { url: string } | undefined;
  /** The bytes that came, and how long they were waited for once an answer had begun. */
  pace: { bytes: number; ms: number } = { bytes: 0, ms: 0 };
  found: Found | undefined;
  #answer: RemoteAnswer | undefined;
  #pieces: AsyncIterator<Buffer> | undefined;
  #rest: Buffer = Buffer.alloc(0);
  /** The position of the next byte of the stream. */
  #at = 0;

  /**
   * `piece`: others are fetched at the same time. Its address is asked, where the bytes were found, once and for this part alone; a host that is
   * busy or sends everything is refused with `remote.odd-answer`.
   */
  constructor(host: RemoteHost, range: RemoteRange, watch: RemoteWatch, piece?: { url: string }) {
    this.#host = host;
    this.#range = range;
    this.#watch = watch;
    this.#piece = piece;
  }

  /** Fills the buffer from a position on. Throws what `RemoteHost.ask` throws, `remote.absent`, `remote.odd-answer`. */
  async fill(buffer: Buffer, position: number): Promise<Buffer> {
    let failures = 0;
    for (let filled = 0; filled < buffer.length; ) {
      try {
        filled += await this.#take(buffer, filled, position + filled);
        failures = 0;
      } catch (error) {
        this.close();
        this.#watch.signal.throwIfAborted();
        failures += 1;
        if (isFinal(error) || failures >= attempts) throw this.#asError(error);
        await backOff(failures, this.#watch, { host: new URL(this.#range.url).host });
      }
    }
    return buffer;
  }

  /** Leaves the connection to the next request, if the last byte of its answer was read. */
  async finish(): Promise<void> {
    await this.#pieces?.next().catch(() => undefined);
    this.close();
  }

  /** Closes the connection; `fill` opens another one. */
  close(): void {
    this.#answer?.body.destroy();
    this.#answer = undefined;
    this.#pieces = undefined;
    this.#rest = Buffer.alloc(0);
  }

  async #take(buffer: Buffer, filled: number, position: number): Promise<number> {
    if (!this.#pieces || this.#at !== position) await this.#open(position);
    await this.#more();
    const taken = this.#rest.copy(buffer, filled);
    this.#pass(taken);
    return taken;
  }

  async #open(position: number): Promise<void> {
    this.close();
    const { url, what = shortUrl(url), wantedBytes = 0 } = this.#range;
    const last = wantedBytes > 0 ? wantedBytes - 1 : '';
    const isPart = position > 0 || wantedBytes > 0;
    const headers = { 'accept-encoding': 'identity', ...(isPart && { range: `bytes=${position}-${last}` }) };
    const ask = { url: this.#piece?.url ?? url, isOnce: this.#piece !== undefined };
    const answer = await this.#host.ask({ ...ask, headers, what, watch: this.#watch });
    const problem = this.#problemOf(answer, position);
    if (problem !== undefined) {
      await drop(answer);
      const host = new URL(answer.url).host;
      if (answer.status === 404) throw appError('remote.absent', { host, what: shortUrl(url), near: [] });
      throw appError('remote.odd-answer', { host, what: shortUrl(url), problem });
    }
    this.#answer = answer;
    this.found = { url: answer.url, takesRanges: answer.status === 206 || answer.headers['accept-ranges'] === 'bytes' };
    this.#pieces = answer.body[Symbol.asyncIterator]();
    // A server that ignores the Range sends everything.
    for (this.#at = answer.status === 206 ? position : 0; this.#at < position; ) {
      await this.#more();
      this.#pass(Math.min(position - this.#at, this.#rest.length));
    }
  }

  #problemOf({ status, headers }: RemoteAnswer, position: number): string | undefined {
    if (status !== 206 && (status !== 200 || this.#piece)) return `HTTP ${status}`;
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
    if (status === 206 && Number(range?.[1]) !== position)
      return 'it sent another part of the file than it was asked for';
    const total = status === 206 ? range?.[2] : headers['content-length'];
    const { sizeBytes } = this.#range;
    if (total === undefined || total === '*' || Number(total) === sizeBytes) return undefined;
    return `it has ${total} bytes instead of ${sizeBytes}`;
  }

  /** Waits until there are bytes. */
  async #more(): Promise<void> {
    while (this.#rest.length === 0) {
      const began = performance.now();
      const next = await this.#pieces?.next();
      if (!next || next.done) throw new Error('the stream ended early');
      this.#rest = next.value;
      this.pace.bytes += this.#rest.length;
      this.pace.ms += performance.now() - began;
    }
  }

  #pass(bytes: number): void {
    this.#at += bytes;
    this.#rest = this.#rest.subarray(bytes);
  }

  #asError(error: unknown): unknown {
    if (error instanceof AppError) return error;
    const { host } = new URL(this.#answer?.url ?? this.#range.url);
    return appError('remote.unreachable', { host, reason: 'the connection breaks again and again' }, error);
  }
}

/** Returns all bytes at an address. Throws what `RemoteBytes.fill` throws. */
export async function allBytes(host: RemoteHost, range: RemoteRange, watch: RemoteWatch): Promise<Buffer> {
  const bytes = new RemoteBytes(host, range, watch);
  try {
    return await bytes.fill(Buffer.alloc(range.sizeBytes), 0);
  } finally {
    bytes.close();
  }
}

/** The host was patient with 429 and 5xx already. */
function isFinal(error: unknown): boolean {
  return error instanceof AppError && error.code !== 'remote.unreachable';
}

/** An address without its query, which may hold a signature. */
export function shortUrl(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
