import type { FileHandle } from 'node:fs/promises';
import { closeFile } from '../../files/close-file.ts';
import { DirectWriter, pageAligned } from '../../files/direct-io.ts';
import { JsonLines } from '../../files/json-lines.ts';
import type { RemoteHosts } from '../../remote/remote-hosts.ts';
import { hashHere, PartHashes, type WrittenFile } from '../format/block-hashes.ts';
import { blockBytes } from '../format/format.ts';
import type { Beside } from './beside.ts';
import { openByteSource } from './byte-source.ts';
import { ChunkReader, chunkBuffers, chunkBytes, type SourceAt } from './chunk-reader.ts';
import type { CopyOrder, CopyResult, CopyWatch, PartOrder, WrittenPart } from './copy-order.ts';
import { Flush } from './flush.ts';
import { createFile, keepBlocks, openPart } from './kept-blocks.ts';
import { onFile, quiet } from './on-file.ts';
import type { PackLine } from './pack-ledger.ts';
import { type LayerHash, UnpackedHash } from './unpacked-hash.ts';

/** What the copies of one thread share. */
export class CopyTools {
  readonly remotes: RemoteHosts;
  readonly #startBeside: () => Beside;
  #beside: Beside | undefined;
  #buffers: Buffer[] | undefined;

  /** `startBeside` starts the thread beside, once a blob is worth it. */
  constructor(remotes: RemoteHosts, startBeside: () => Beside) {
    this.remotes = remotes;
    this.#startBeside = startBeside;
  }

  /** Returns the thread beside, for blobs that take longer than handing them over. */
  besideFor(sizeBytes: number): Beside | undefined {
    if (sizeBytes > blockBytes) this.#beside ??= this.#startBeside();
    return sizeBytes > blockBytes ? this.#beside : undefined;
  }

  /** Returns buffers for chunks, the same ones for all large blobs: one is copied at a time. */
  buffersFor(sizeBytes: number): readonly Buffer[] {
    if (sizeBytes < chunkBytes) return chunkBuffers(sizeBytes, Buffer.allocUnsafe);
    this.#buffers ??= chunkBuffers(chunkBytes, pageAligned);
    return this.#buffers;
  }
}

/**
 * Copies one blob in one pass: reads each byte once, writes it once, hashes it in between. Blocks that an interrupted run wrote are
 * read from their medium instead, as long as they are what the ledger says. Throws `file.*`, `space.ran-out`, `medium.gone`,
 * `pack.source-changed`, `remote.*`.
 */
export async function copyBlob(order: CopyOrder, watch: CopyWatch, tools?: CopyTools): Promise<CopyResult> {
  const source = await openByteSource(order, watch, tools?.remotes);
  const ledger = await JsonLines.open<PackLine>(order.ledger);
  const { sizeBytes } = order.range;
  const beside = tools?.besideFor(sizeBytes);
  const begin = () => beside?.hash() ?? hashHere();
  const unpacked = order.isPacked ? (beside?.unpackedHash() ?? new UnpackedHash()) : undefined;
  const buffers = tools?.buffersFor(sizeBytes) ?? chunkBuffers(sizeBytes, Buffer.allocUnsafe);
  try {
    await source.refuseChanged();
    // The digest of an only part is that of the whole.
    const whole = order.parts.length > 1 ? begin() : undefined;
    const parts: WrittenPart[] = [];
    let { offsetBytes } = source;
    for (const [index, part] of order.parts.entries()) {
      const hashes = new PartHashes(part.sizeBytes, whole && { hash: whole, isFirst: index === 0 }, begin);
      parts.push(await writePart(part, { source, offsetBytes }, { hashes, ledger, unpacked, buffers }, watch));
      offsetBytes += part.sizeBytes;
    }
    await source.refuseChanged();
    const sha256 = (await whole?.digest()) ?? parts[0]?.written.sha256 ?? '';
    return { sha256, parts, ...(await unpacked?.finish()) };
  } finally {
    unpacked?.close();
    await beside?.forget();
    await ledger.close();
    await source.close();
  }
}

/** Writes bytes from memory as a file, with the same digests as a part of a blob, and flushes them to the medium. */
export async function writeBytes(path: string, bytes: Buffer): Promise<WrittenFile> {
  const hashes = new PartHashes(bytes.length);
  const file = await onFile(path, 'write', createFile(path));
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) await hashes.update(bytes.subarray(at, at + chunkBytes));
    await onFile(path, 'write', file.writeFile(bytes));
    await onFile(path, 'write', file.sync());
  } finally {
    await closeFile(file);
  }
  return hashes.finish();
}

interface PartTools {
  hashes: PartHashes;
  ledger: JsonLines<PackLine>;
  unpacked: LayerHash | undefined;
  buffers: readonly Buffer[];
}

async function writePart(
  part: PartOrder,
  from: SourceAt,
  { hashes, ledger, unpacked, buffers }: PartTools,
  watch: CopyWatch,
): Promise<WrittenPart> {
  const file = await onFile(part.path, 'write', openPart(part));
  const out = new DirectWriter(file);
  let writing: Promise<unknown> = Promise.resolve();
  try {
    const keptBytes = await onFile(part.path, 'write', keepBlocks(file, part, { hashes, unpacked }, watch));
    const restBytes = part.sizeBytes - keptBytes;
    const chunks = new ChunkReader({ ...from, offsetBytes: from.offsetBytes + keptBytes }, restBytes, buffers);
    const flush = new Flush(file, part, hashes, ledger);
    for (let done = 0; done < restBytes; ) {
      watch.signal.throwIfAborted();
      const chunk = await chunks.take(flush.entered);
      await writing;
      const written = onFile(part.path, 'write', out.write(chunk, keptBytes + done));
      // The write and what is done beside have begun when the block is hashed here.
      writing = quiet(Promise.all([written, unpacked?.update(chunk), hashes.update(chunk)]));
      done += chunk.length;
      await flush.wrote(chunk.length, writing);
      watch.onBytes(chunk.length);
    }
    await writing;
    await flush.end();
    return { written: await hashes.finish(), keptBytes };
  } finally {
    await writing.catch(() => undefined);
    await out.close();
    await closeFile(file);
  }
}

/** Writes a chunk at a position of a file. */
export async function writeAll(out: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await out.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
  }
}
