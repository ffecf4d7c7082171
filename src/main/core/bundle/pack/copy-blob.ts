import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import { JsonLines } from '../../files/json-lines.ts';
import type { ByteRange } from '../../files/source-folder.ts';
import { PartHashes, type WrittenFile } from '../format/block-hashes.ts';
import type { CopyOrder, CopyResult, CopyWatch, PartOrder, WrittenPart } from './copy-order.ts';
import { Flush } from './flush.ts';
import { createFile, keepBlocks, openPart } from './kept-blocks.ts';
import { onFile, quiet } from './on-file.ts';
import type { PackLine } from './pack-ledger.ts';

/** Chunks of this size never cross the end of a block. */
export const chunkBytes = 1024 * 1024;

/**
 * Copies one blob in one pass: reads each byte once, writes it once, hashes it in between. Blocks that an interrupted run wrote are
 * read from their medium instead, as long as they are what the ledger says. Throws `file.*`, `space.ran-out`, `medium.gone`,
 * `pack.source-changed`.
 */
export async function copyBlob(order: CopyOrder, watch: CopyWatch): Promise<CopyResult> {
  const source = await onFile(order.range.path, 'read', open(order.range.path, 'r'));
  const ledger = await JsonLines.open<PackLine>(order.ledger);
  try {
    await refuseChanged(source, order.range);
    // The digest of an only part is that of the whole.
    const whole = order.parts.length > 1 ? createHash('sha256') : undefined;
    const parts: WrittenPart[] = [];
    let { offsetBytes } = order.range;
    for (const [index, part] of order.parts.entries()) {
      const hashes = new PartHashes(part.sizeBytes, whole && { hash: whole, isFirst: index === 0 });
      const from = { source, path: order.range.path, offsetBytes };
      parts.push(await writePart(part, from, { hashes, ledger }, watch));
      offsetBytes += part.sizeBytes;
    }
    await refuseChanged(source, order.range);
    return { sha256: whole?.digest('hex') ?? parts[0]?.written.sha256 ?? '', parts };
  } finally {
    await ledger.close();
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

/** Bytes of a source from an offset on. */
interface SourceAt {
  source: FileHandle;
  path: string;
  offsetBytes: number;
}

async function writePart(
  part: PartOrder,
  from: SourceAt,
  { hashes, ledger }: { hashes: PartHashes; ledger: JsonLines<PackLine> },
  watch: CopyWatch,
): Promise<WrittenPart> {
  const out = await onFile(part.path, 'write', openPart(part));
  try {
    const keptBytes = await onFile(part.path, 'write', keepBlocks(out, part, hashes, watch));
    const restBytes = part.sizeBytes - keptBytes;
    const chunks = new ChunkReader({ ...from, offsetBytes: from.offsetBytes + keptBytes }, restBytes);
    const flush = new Flush(out, part, hashes, ledger);
    let writing: Promise<unknown> = Promise.resolve();
    for (let done = 0; done < restBytes; ) {
      watch.signal.throwIfAborted();
      const chunk = await chunks.take();
      await writing;
      writing = quiet(onFile(part.path, 'write', writeAll(out, chunk, keptBytes + done)));
      hashes.update(chunk);
      done += chunk.length;
      await flush.wrote(chunk.length, writing);
      watch.onBytes(chunk.length);
    }
    await writing;
    await flush.end();
    return { written: hashes.finish(), keptBytes };
  } finally {
    await out.close();
  }
}

/** Bytes of a source in chunks that never cross the end of a block, read one chunk ahead. */
class ChunkReader {
  readonly #source: FileHandle;
  readonly #path: string;
  // The chunk being written, the chunk being hashed, the chunk being read.
  readonly #buffers: Buffer[];
  readonly #lengths: number[];
  #position: number;
  #index = 0;
  #ahead: Promise<Buffer>;

  constructor({ source, path, offsetBytes }: SourceAt, sizeBytes: number) {
    this.#source = source;
    this.#path = path;
    this.#position = offsetBytes;
    this.#lengths = chunkLengths(sizeBytes);
    this.#buffers = [0, 1, 2].map(() => Buffer.allocUnsafeSlow(Math.min(chunkBytes, sizeBytes)));
    this.#ahead = this.#read();
  }

  /** Returns the next chunk, never empty. Its buffer is reused two calls later. */
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

/** Writes a chunk at a position of a file. */
export async function writeAll(out: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await out.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
  }
}

async function refuseChanged(source: FileHandle, range: ByteRange): Promise<void> {
  const stats = await onFile(range.path, 'read', source.stat({ bigint: true }));
  if (Number(stats.size) !== range.fileSizeBytes) throw changed(range.path, `it has ${stats.size} bytes now`);
  if (Number(stats.mtimeNs) / 1e6 !== range.fileMtimeMs) throw changed(range.path, 'it was written to');
}

function changed(path: string, message: string): AppError {
  return appError('pack.source-changed', { path }, message);
}
