import type { FilePart } from '../bundle/format/blob-parts.ts';
import { blockBytes } from '../bundle/format/format.ts';
import { readBlocks } from '../bundle/read/read-blocks.ts';
import { type BlobAtHand, storedBytes } from '../import/images/image-blobs.ts';

/** Bytes of a blob, valid until the next chunk is asked for. */
export interface Chunk {
  offsetBytes: number;
  data: Buffer;
}

/**
 * Yields a blob from an offset on, at most 16 MiB at a time. On media, each block is verified before it is yielded, and those before the
 * offset are not read. In the store, the last chunk is yielded after all of the blob was verified. Throws what damage throws.
 */
export async function* blobChunks(blob: BlobAtHand, fromBytes: number, signal: AbortSignal): AsyncGenerator<Chunk> {
  const chunks =
    blob.from.kind === 'media'
      ? mediaChunks(blob.from.parts, fromBytes, signal)
      : storeChunks(blob.from.path, blob.digest);
  for await (const { offsetBytes, data } of chunks) {
    signal.throwIfAborted();
    const skipped = Math.max(0, fromBytes - offsetBytes);
    if (skipped < data.length) yield { offsetBytes: offsetBytes + skipped, data: data.subarray(skipped) };
  }
}

async function* mediaChunks(parts: readonly FilePart[], fromBytes: number, signal: AbortSignal): AsyncGenerator<Chunk> {
  let start = 0;
  for (const part of parts) {
    const fromBlock = Math.min(part.blocks.length, Math.floor(Math.max(0, fromBytes - start) / blockBytes));
    for await (const { offsetBytes, data } of readBlocks(part, { signal, fromBlock, isWholeVerified: false }))
      yield { offsetBytes: start + offsetBytes, data };
    start += part.sizeBytes;
  }
}

async function* storeChunks(path: string, digest: string): AsyncGenerator<Chunk> {
  let offsetBytes = 0;
  for await (const data of storedBytes(path, digest, blockBytes)) {
    yield { offsetBytes, data };
    offsetBytes += data.length;
  }
}
