import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { JsonLines } from '../../files/json-lines.ts';
import type { RemoteHosts } from '../../remote/remote-hosts.ts';
import { PartHashes, type WrittenFile } from '../format/block-hashes.ts';
import { type ByteSource, openByteSource } from './byte-source.ts';
import type { CopyOrder, CopyResult, CopyWatch, PartOrder, WrittenPart } from './copy-order.ts';
import { Flush } from './flush.ts';
import { createFile, keepBlocks, openPart } from './kept-blocks.ts';
import { onFile, quiet } from './on-file.ts';
import type { PackLine } from './pack-ledger.ts';
import { UnpackedHash } from './unpacked-hash.ts';

/** Chunks of this size never cross the end of a block. */
export const chunkBytes = 1024 * 1024;

/**
 * Copies one blob in one pass: reads each byte once, writes it once, hashes it in between. Blocks that an interrupted run wrote are
 * read from their medium instead, as long as they are what the ledger says. Throws `file.*`, `space.ran-out`, `medium.gone`,
 * `pack.source-changed`, `remote.*`.
 */
export async function copyBlob(order: CopyOrder, watch: CopyWatch, remotes?: RemoteHosts): Promise<CopyResult> {
  const source = await openByteSource(order, watch, remotes);
  const ledger = await JsonLines.open<PackLine>(order.ledger);
  const unpacked = order.isPacked ? new UnpackedHash() : undefined;
  try {
    await source.refuseChanged();
    // The digest of an only part is that of the whole.
    const whole = order.parts.length > 1 ? createHash('sha256') : undefined;
    const parts: WrittenPart[] = [];
    let { offsetBytes } = source;
    for (const [index, part] of order.parts.entries()) {
      const hashes = new PartHashes(part.sizeBytes, whole && { hash: whole, isFirst: index === 0 });
      parts.push(await writePart(part, { source, offsetBytes }, { hashes, ledger, unpacked }, watch));
      offsetBytes += part.sizeBytes;
    }
    await source.refuseChanged();
    const sha256 = whole?.digest('hex') ?? parts[0]?.written.sha256 ?? '';
    return { sha256, parts, ...(await unpacked?.finish()) };
  } finally {
    unpacked?.close();
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
  source: ByteSource;
  offsetBytes: number;
}

async function writePart(
  part: PartOrder,
  from: SourceAt,
  { hashes, ledger, unpacked }: { hashes: PartHashes; ledger: JsonLines<PackLine>; unpacked: UnpackedHash | undefined },
  watch: CopyWatch,
): Promise<WrittenPart> {
  const out = await onFile(part.path, 'write', openPart(part));
  try {
    const keptBytes = await onFile(part.path, 'write', keepBlocks(out, part, { hashes, unpacked }, watch));
    const restBytes = part.sizeBytes - keptBytes;
    const chunks = new ChunkReader({ ...from, offsetBytes: from.offsetBytes + keptBytes }, restBytes);
    const flush = new Flush(out, part, hashes, ledger);
    let writing: Promise<unknown> = Promise.resolve();
    for (let done = 0; done < restBytes; ) {
      watch.signal.throwIfAborted();
      const chunk = await chunks.take();
      await writing;
      const written = onFile(part.path, 'write', writeAll(out, chunk, keptBytes + done));
      writing = quiet(Promise.all([written, unpacked?.update(chunk)]));
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
  readonly #source: ByteSource;
  // The chunk being written, the chunk being hashed, the chunk being read.
  readonly #buffers: Buffer[];
  readonly #lengths: number[];
  #position: number;
  #index = 0;
  #ahead: Promise<Buffer>;

  constructor({ source, offsetBytes }: SourceAt, sizeBytes: number) {
    this.#source = source;
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
    return quiet(this.#source.fill(buffer, position));
  }
}

/** The sizes of the chunks of a part. */
export function chunkLengths(sizeBytes: number): number[] {
  const count = Math.ceil(sizeBytes / chunkBytes);
  return Array.from({ length: count }, (_, index) => Math.min(chunkBytes, sizeBytes - index * chunkBytes));
}

/** Writes a chunk at a position of a file. */
export async function writeAll(out: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await out.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
  }
}
