import type { FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';
import { extract } from 'tar-stream';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import { connectEngine, type Engine } from '../../engine/connect-engine.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { closeFile } from '../../files/close-file.ts';
import { JsonLines } from '../../files/json-lines.ts';
import { hashHere, PartHashes } from '../format/block-hashes.ts';
import { compressionOf } from '../format/layer-compression.ts';
import { type SavedBlob, type SaveOrder, type SavePiece, type SaveResult, SaveRooms } from '../sources/save-order.ts';
import { chunkBytes, chunkLengths } from './chunk-reader.ts';
import { writeAll } from './copy-blob.ts';
import type { CopyResult, CopyWatch, WrittenPart } from './copy-order.ts';
import { Flush } from './flush.ts';
import { createFile, reopen } from './kept-blocks.ts';
import { onFile, quiet } from './on-file.ts';
import { ledgerFile, type PackLine } from './pack-ledger.ts';
import { UnpackedHash } from './unpacked-hash.ts';

/** Files up to this size (configurations, manifests, tiny layers) stay in memory until their role is known. */
const smallBytes = 256 * 1024;
const maxSmallBytes = 128 * 1024 * 1024;
const maxEntries = 200_000;

/**
 * Lets an engine save images (`docker save`: one stream, shared layers once) and writes its large files to media as they arrive:
 * each byte is read once and written once, and none again that an interrupted run wrote. Throws `engine.*`, `file.*`, `space.*`, `medium.gone`.
 */
export async function saveImages(order: SaveOrder, watch: CopyWatch): Promise<SaveResult> {
  const engine = await connectEngine(order.engine);
  const stop = new AbortController();
  const ledger = await JsonLines.open<PackLine>(order.ledger);
  try {
    const stream = await openStream(engine, order.references, stop.signal);
    return await readStream(stream, new SaveRooms(order), ledger, watch);
  } catch (thrown) {
    if (thrown instanceof AppError || watch.signal.aborted) throw thrown;
    throw await engineFailure(engine, order, thrown);
  } finally {
    stop.abort();
    await ledger.close();
  }
}

/** A call that the type library lacks. */
interface Saver {
  getImages(options: { names: string[]; abortSignal: AbortSignal }): Promise<NodeJS.ReadableStream>;
}

function openStream(engine: Engine, names: string[], abortSignal: AbortSignal): Promise<NodeJS.ReadableStream> {
  return (engine.docker as unknown as Saver).getImages({ names, abortSignal });
}

/** A stream that ends early may be an engine that went away, or one that gave up and wrote its reason into the stream. */
async function engineFailure(engine: Engine, { references }: SaveOrder, thrown: unknown): Promise<AppError> {
  const doing = `save ${references.join(', ')}`;
  const answers = await engine.docker.ping().then(
    () => true,
    () => false,
  );
  if (!answers) return appError('engine.gone', { while: `saving ${references.join(', ')}` }, thrown);
  return translateEngineError(thrown, { address: engine.address, doing });
}

async function readStream(
  stream: NodeJS.ReadableStream,
  rooms: SaveRooms,
  ledger: JsonLines<PackLine>,
  watch: CopyWatch,
): Promise<SaveResult> {
  const saved: SaveResult = { small: new Map(), blobs: new Map(), links: new Map(), unpacked: new Map(), bytesRead: 0 };
  const tar = extract();
  stream.on('error', (error) => tar.destroy(error));
  stream.on('aborted', () => tar.destroy(new Error('aborted')));
  stream.on('data', (chunk: Buffer) => {
    saved.bytesRead += chunk.length;
  });
  stream.pipe(tar);
  let smallTotal = 0;
  let count = 0;
  for await (const entry of tar) {
    watch.signal.throwIfAborted();
    const { name: given, size = 0, type, linkname } = entry.header;
    const name = posix.normalize(given);
    if (++count > maxEntries) throw new Error(`the stream has more than ${maxEntries} files`);
    const isFile = type === 'file' || type === 'contiguous-file';
    if (type === 'symlink') saved.links.set(name, posix.join(posix.dirname(name), linkname ?? ''));
    if (type === 'link') saved.links.set(name, posix.normalize(linkname ?? ''));
    if (!isFile) {
      entry.resume();
      continue;
    }
    const unpacking = new Unpacking();
    if (size > smallBytes) saved.blobs.set(name, await writeBlob(entry, rooms.take(size), ledger, watch, unpacking));
    else {
      smallTotal += size;
      if (smallTotal > maxSmallBytes) throw new Error('the stream has too many small files');
      const bytes = await readSmall(entry, size);
      saved.small.set(name, bytes);
      await unpacking.update(bytes);
    }
    const unpacked = await unpacking.finish();
    if (unpacked) saved.unpacked.set(name, unpacked);
  }
  return saved;
}

async function readSmall(entry: AsyncIterable<unknown>, sizeBytes: number): Promise<Buffer> {
  const chunks = new EntryChunks(entry);
  const bytes = await chunks.take(Buffer.alloc(sizeBytes));
  await chunks.end();
  return bytes;
}

async function writeBlob(
  entry: AsyncIterable<unknown>,
  pieces: SavePiece[],
  ledger: JsonLines<PackLine>,
  watch: CopyWatch,
  unpacking: Unpacking,
): Promise<SavedBlob> {
  const chunks = new EntryChunks(entry);
  const whole = pieces.length > 1 ? hashHere() : undefined;
  const parts: SavedBlob['parts'] = [];
  for (const [index, piece] of pieces.entries()) {
    const hashes = new PartHashes(piece.sizeBytes, whole && { hash: whole, isFirst: index === 0 });
    const { ordinal, path } = piece;
    parts.push({ ordinal, path, ...(await writePart(piece, chunks, { hashes, unpacking, ledger }, watch)) });
  }
  await chunks.end();
  const sizeBytes = pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0);
  const sha256 = (await whole?.digest()) ?? parts[0]?.written.sha256 ?? '';
  return { sha256, sizeBytes, start: chunks.start, parts };
}

async function writePart(
  { ordinal, path, sizeBytes }: SavePiece,
  chunks: EntryChunks,
  { hashes, unpacking, ledger }: { hashes: PartHashes; unpacking: Unpacking; ledger: JsonLines<PackLine> },
  watch: CopyWatch,
): Promise<WrittenPart> {
  const before = await reopen(path);
  const out = before ?? (await onFile(path, 'write', createFile(path)));
  const flush = new Flush(out, { path, file: ledgerFile(ordinal, path) }, hashes, ledger);
  const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(chunkBytes, sizeBytes)));
  let writing: Promise<unknown> = Promise.resolve();
  let [done, keptBytes] = [0, 0];
  try {
    for (const [index, length] of chunkLengths(sizeBytes).entries()) {
      watch.signal.throwIfAborted();
      const chunk = await chunks.take((buffers[index % 2] ?? Buffer.alloc(0)).subarray(0, length));
      await writing;
      // What an interrupted run wrote is kept as long as it is what the engine streams now.
      if (before && keptBytes === done && (await holds(before, chunk, done))) keptBytes += length;
      else writing = quiet(onFile(path, 'write', writeAll(out, chunk, done)));
      await hashes.update(chunk);
      await unpacking.update(chunk);
      done += length;
      await flush.wrote(length, writing);
      watch.onBytes(length);
    }
    await writing;
    await onFile(path, 'write', out.truncate(sizeBytes));
    await flush.end();
  } finally {
    await writing.catch(() => undefined);
    await closeFile(out);
  }
  return { written: await hashes.finish(), keptBytes };
}

async function holds(file: FileHandle, chunk: Buffer, position: number): Promise<boolean> {
  const found = Buffer.allocUnsafe(chunk.length);
  for (let filled = 0; filled < found.length; ) {
    const length = found.length - filled;
    const read = await file.read(found, filled, length, position + filled).catch(() => undefined);
    if (!read?.bytesRead) return false;
    filled += read.bytesRead;
  }
  return found.equals(chunk);
}

/** Unpacks a file of the stream beside, if its first bytes are those of a compressed layer. */
class Unpacking {
  #hash: UnpackedHash | undefined;
  #isPlain: boolean | undefined;

  async update(chunk: Buffer): Promise<void> {
    this.#isPlain ??= compressionOf(chunk) === '';
    if (this.#isPlain) return;
    this.#hash ??= new UnpackedHash();
    await this.#hash.update(chunk);
  }

  async finish(): Promise<CopyResult['unpacked']> {
    const found = await this.#hash?.finish();
    this.#hash?.close();
    return found?.unpacked;
  }
}

/** The bytes of one file of the stream, in pieces of the requested sizes. */
class EntryChunks {
  start: Uint8Array = new Uint8Array();
  readonly #pieces: AsyncIterator<unknown>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(entry: AsyncIterable<unknown>) {
    this.#pieces = entry[Symbol.asyncIterator]();
  }

  /** Fills a buffer. */
  async take(buffer: Buffer): Promise<Buffer> {
    for (let filled = 0; filled < buffer.length; ) {
      if (this.#rest.length === 0) {
        const next = await this.#pieces.next();
        if (next.done) throw new Error('the stream ended within a file');
        this.#rest = next.value as Buffer;
      }
      const length = Math.min(this.#rest.length, buffer.length - filled);
      this.#rest.copy(buffer, filled, 0, length);
      this.#rest = this.#rest.subarray(length);
      filled += length;
    }
    if (this.start.length === 0) this.start = Uint8Array.from(buffer.subarray(0, 4));
    return buffer;
  }

  /** Lets the stream continue. Call it after the last byte. */
  async end(): Promise<void> {
    await this.#pieces.next();
  }
}
