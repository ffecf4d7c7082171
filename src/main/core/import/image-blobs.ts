import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';
import { maxManifestBytes } from '../bundle/oci-documents.ts';
import type { OpenBundle } from '../bundle/open-media.ts';
import type { FilePart } from '../bundle/parts-of.ts';
import { readBlocks } from '../bundle/read-blocks.ts';
import { sha256Digest } from '../bundle/source-oci-schemas.ts';
import { planBlob } from './blob-plan.ts';
import type { RegistryBlob } from './loopback-registry.ts';
import { blobsOf, type PlannedImage } from './planned-image.ts';
import type { StorePaths } from './store-paths.ts';

/** Where all bytes of a blob can be read now, as plain data: on media that are there, or whole in the store. */
export interface BlobAtHand {
  digest: string;
  sizeBytes: number;
  from: { kind: 'media'; parts: FilePart[] } | { kind: 'store'; path: string };
}

/** Where the blobs of an image can be read now; undefined while one of them is not all there. */
export async function imageAtHand(
  image: PlannedImage,
  open: OpenBundle,
  paths: StorePaths,
): Promise<BlobAtHand[] | undefined> {
  const found = await Promise.all(blobsOf(image).map((blob) => blobAtHand(blob, open, paths)));
  const all = found.filter((one) => one !== undefined);
  return all.length === found.length ? all : undefined;
}

/** Where one blob can be read now. The media come first: what lies there is proven block by block. */
export async function blobAtHand(
  { digest, sizeBytes }: { digest: string; sizeBytes: number },
  open: OpenBundle,
  paths: StorePaths,
): Promise<BlobAtHand | undefined> {
  const hex = digest.slice('sha256:'.length);
  const { parts, isCovered } = planBlob(hex, open.partsOf(hex), sizeBytes);
  if (isCovered && parts.every(({ part }) => part.root !== undefined)) {
    return { digest, sizeBytes, from: { kind: 'media', parts: parts.map(({ part }) => part) } };
  }
  const path = paths.blob(hex);
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  return size === sizeBytes ? { digest, sizeBytes, from: { kind: 'store', path } } : undefined;
}

/** The bytes of a small blob, its digest proven; `file.too-large` beyond 4 MiB. */
export async function readSmallBlob(blob: BlobAtHand, signal: AbortSignal): Promise<Buffer> {
  const { digest, sizeBytes } = blob;
  if (sizeBytes > maxManifestBytes) {
    throw appError('file.too-large', { path: digest, limitBytes: maxManifestBytes, sizeBytes });
  }
  const pieces: Buffer[] = [];
  for await (const piece of registryBlob(blob, () => undefined).read(signal)) pieces.push(Buffer.from(piece));
  const bytes = Buffer.concat(pieces);
  if (sha256Digest(bytes) !== digest) {
    throw appError('bundle.content-mismatch', { what: `The blob ${digest}`, problem: 'its bytes have another digest' });
  }
  return bytes;
}

/** A blob as the loopback registry serves it: nothing is given out before it is proven. `onRead` counts the bytes read. */
export function registryBlob(blob: BlobAtHand, onRead: (bytes: number) => void): RegistryBlob {
  const { digest, sizeBytes, from } = blob;
  if (from.kind === 'store') return { sizeBytes, read: () => storedBytes(from.path, digest, onRead) };
  return { sizeBytes, read: (signal) => mediaBytes(from.parts, signal, onRead) };
}

async function* mediaBytes(
  parts: FilePart[],
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for (const part of parts) {
    // Every block is signed, and whoever takes the blob proves the digest over all of it.
    for await (const { data } of readBlocks(part, { signal, onBytes, isWholeProven: false })) yield data;
  }
}

const readBytes = 1024 * 1024;

/** It was proven when it came into the store; its last bytes are held back until that is proven again. */
async function* storedBytes(path: string, digest: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    let held: Buffer | undefined;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(readBytes), 0, readBytes);
      if (bytesRead === 0) break;
      if (held) yield held;
      held = buffer.subarray(0, bytesRead);
      hash.update(held);
      onRead(bytesRead);
    }
    if (`sha256:${hash.digest('hex')}` !== digest) {
      throw appError('import.store-damaged', { path, problem: 'its bytes have another digest than its name' });
    }
    if (held) yield held;
  } finally {
    await file.close();
  }
}
