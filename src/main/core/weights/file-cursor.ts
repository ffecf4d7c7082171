import type { FileHandle } from 'node:fs/promises';

const windowBytes = 1024 * 1024;

/** Thrown when the file ends, or more than the limit would be read, before what its header promises. */
export class CursorEnd extends Error {}

/** Reads little-endian values of a file one after another, at most `limitBytes` in all; holds one window of it in memory. */
export class FileCursor {
  readonly #file: FileHandle;
  readonly #endBytes: number;
  #window = Buffer.alloc(0);
  #windowAt = 0;
  #at = 0;

  constructor(file: FileHandle, sizeBytes: number, limitBytes: number) {
    this.#file = file;
    this.#endBytes = Math.min(sizeBytes, limitBytes);
  }

  /** Bytes read or skipped so far. */
  get at(): number {
    return this.#at;
  }

  /** Skips bytes without reading them. */
  skip(bytes: number): void {
    this.#check(bytes);
    this.#at += bytes;
  }

  async u32(): Promise<number> {
    return (await this.#take(4)).readUInt32LE();
  }

  /** A count or a length; larger ones than JavaScript counts exactly end the reading. */
  async u64(): Promise<number> {
    const value = Number((await this.#take(8)).readBigUInt64LE());
    if (!Number.isSafeInteger(value)) throw new CursorEnd();
    return value;
  }

  /** Some bytes as they are; `limit` bounds what is held. */
  async bytes(count: number, limit: number): Promise<Buffer> {
    if (count > limit) throw new CursorEnd();
    return Buffer.from(await this.#take(count));
  }

  #check(count: number): void {
    if (count > this.#endBytes - this.#at) throw new CursorEnd();
  }

  async #take(count: number): Promise<Buffer> {
    this.#check(count);
    const start = this.#at - this.#windowAt;
    if (start < 0 || start + count > this.#window.length) await this.#fill(count);
    const from = this.#at - this.#windowAt;
    this.#at += count;
    return this.#window.subarray(from, from + count);
  }

  async #fill(count: number): Promise<void> {
    const wanted = Math.min(Math.max(windowBytes, count), this.#endBytes - this.#at);
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(wanted), 0, wanted, this.#at);
    this.#window = buffer.subarray(0, bytesRead);
    this.#windowAt = this.#at;
    if (bytesRead < count) throw new CursorEnd();
  }
}
