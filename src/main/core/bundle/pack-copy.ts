import { createHash } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { PartHashes, type WrittenFile } from './pack-hashes.ts';
import type { ByteRange } from './source-content.ts';

/** A blob to be copied: its bytes go to the parts, one after another. */
export interface CopyOrder {
  range: ByteRange;
  parts: { path: string; sizeBytes: number }[];
}

/** What was written: the digest of the whole (hex), and of each part and its 16 MiB blocks. */
export interface CopyResult {
  sha256: string;
  parts: WrittenFile[];
}

/** An error of one file, as plain data: it crosses threads. `SOURCE_CHANGED` when the source is not as it was found. */
export interface FileFailure {
  code: string;
  message: string;
  path: string;
  action: 'read' | 'write';
}

export interface CopyWatch {
  /** Throws when the work was cancelled. */
  check(): void;
  wrote(bytes: number): void;
}

/** Chunks of this size never cross the end of a block. */
export const chunkBytes = 1024 * 1024;
/** Written data goes to the medium this often, beside the copying: the last flush of a slow stick stays short. */
const flushEveryBytes = 32 * 1024 * 1024;

/** Copies one blob in one pass: reads each byte once, writes it once, hashes it in between. Fails with a `FileFailure`. */
export async function copyBlob(order: CopyOrder, watch: CopyWatch): Promise<CopyResult> {
  const source = await onFile(order.range.path, 'read', open(order.range.path, 'r'));
  try {
    await refuseChanged(source, order.range);
    const chunks = new ChunkReader(source, order);
    // The digest of an only part is that of the whole.
    const whole = order.parts.length > 1 ? createHash('sha256') : undefined;
    const parts: WrittenFile[] = [];
    for (const [index, part] of order.parts.entries()) {
      const hashes = new PartHashes(part.sizeBytes, whole && { hash: whole, isFirst: index === 0 });
      parts.push(await writePart(part, chunks, hashes, watch));
    }
    await refuseChanged(source, order.range);
    return { sha256: whole?.digest('hex') ?? parts[0]?.sha256 ?? '', parts };
  } finally {
    await source.close();
  }
}

/** Writes bytes from memory as a file, with the same digests as a part of a blob, and flushes them to the medium. */
export async function writeBytes(path: string, bytes: Buffer): Promise<WrittenFile> {
  const hashes = new PartHashes(bytes.length);
  const file = await onFile(path, 'write', createFile(path));
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) hashes.update(bytes.subarray(at, at + chunkBytes));
    await onFile(path, 'write', file.writeFile(bytes));
    await onFile(path, 'write', file.sync());
  } finally {
    await file.close();
  }
  return hashes.finish();
}

/** Opens a new file in the place of what lies there: a link of a hostile medium is replaced, never followed. Throws what the system says. */
export async function createFile(path: string): Promise<FileHandle> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  return open(path, 'wx', 0o644);
}

async function writePart(
  part: { path: string; sizeBytes: number },
  chunks: ChunkReader,
  hashes: PartHashes,
  watch: CopyWatch,
): Promise<WrittenFile> {
  const out = await onFile(part.path, 'write', createFile(part.path));
  const flush = new Flush(out, part.path);
  try {
    let writing: Promise<unknown> = Promise.resolve();
    for (let done = 0; done < part.sizeBytes; ) {
      watch.check();
      const chunk = await chunks.take();
      await writing;
      writing = quiet(onFile(part.path, 'write', writeAll(out, chunk)));
      hashes.update(chunk);
      done += chunk.length;
      await flush.wrote(chunk.length);
      watch.wrote(chunk.length);
    }
    await writing;
    await flush.end();
  } finally {
    await out.close();
  }
  return hashes.finish();
}

/** The source's bytes in chunks that never cross the end of a part or block, read one chunk ahead. */
class ChunkReader {
  readonly #source: FileHandle;
  readonly #path: string;
  // The chunk being written, the chunk being hashed, the chunk being read.
  readonly #buffers = [0, 1, 2].map(() => Buffer.allocUnsafeSlow(chunkBytes));
  readonly #lengths: number[];
  #position: number;
  #index = 0;
  #ahead: Promise<Buffer>;

  constructor(source: FileHandle, { range, parts }: CopyOrder) {
    this.#source = source;
    this.#path = range.path;
    this.#position = range.offsetBytes;
    this.#lengths = parts.flatMap((part) => chunkLengths(part.sizeBytes));
    this.#ahead = this.#read();
  }

  /** The next chunk, never empty; it stays as it is until the next but one is taken. */
  async take(): Promise<Buffer> {
    const chunk = await this.#ahead;
    this.#ahead = this.#read();
    return chunk;
  }

  #read(): Promise<Buffer> {
    const index = this.#index++;
    const buffer = (this.#buffers[index % 3] ?? Buffer.alloc(0)).subarray(0, this.#lengths[index] ?? 0);
    const position = this.#position;
    this.#position += buffer.length;
    return quiet(onFile(this.#path, 'read', readFull(this.#source, buffer, position, this.#path)));
  }
}

/** The sizes of the chunks of a part. */
export function chunkLengths(sizeBytes: number): number[] {
  const count = Math.ceil(sizeBytes / chunkBytes);
  return Array.from({ length: count }, (_, index) => Math.min(chunkBytes, sizeBytes - index * chunkBytes));
}

async function readFull(source: FileHandle, buffer: Buffer, position: number, path: string): Promise<Buffer> {
  for (let done = 0; done < buffer.length; ) {
    const { bytesRead } = await source.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) throw changed(path, 'it became shorter');
    done += bytesRead;
  }
  return buffer;
}

/** Writes a chunk at the file's position. */
export async function writeAll(out: FileHandle, chunk: Buffer): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await out.write(chunk, done)).bytesWritten;
}

async function refuseChanged(source: FileHandle, range: ByteRange): Promise<void> {
  const stats = await onFile(range.path, 'read', source.stat({ bigint: true }));
  if (Number(stats.size) !== range.fileSizeBytes) throw changed(range.path, `it has ${stats.size} bytes now`);
  if (Number(stats.mtimeNs) / 1e6 !== range.fileMtimeMs) throw changed(range.path, 'it was written to');
}

/** Flushes a file beside the writing; at most one flush is under way. */
export class Flush {
  readonly #out: FileHandle;
  readonly #path: string;
  #sinceBytes = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(out: FileHandle, path: string) {
    this.#out = out;
    this.#path = path;
  }

  async wrote(bytes: number): Promise<void> {
    this.#sinceBytes += bytes;
    if (this.#sinceBytes < flushEveryBytes) return;
    this.#sinceBytes = 0;
    await this.#running;
    this.#running = quiet(onFile(this.#path, 'write', this.#out.datasync()));
  }

  async end(): Promise<void> {
    await this.#running;
    await onFile(this.#path, 'write', this.#out.sync());
  }
}

function changed(path: string, message: string): FileFailure {
  return { code: 'SOURCE_CHANGED', message, path, action: 'read' };
}

/** What a file system says, as a `FileFailure`. */
export async function onFile<T>(path: string, action: FileFailure['action'], doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw { code: code ?? 'UNKNOWN', message, path, action } satisfies FileFailure;
  }
}

/** A promise that is awaited later: until then its failure must not count as unhandled. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
