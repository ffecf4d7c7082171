import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { digestOf, hexOf } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { FilePart } from '../../bundle/format/blob-parts.ts';
import { planBlob } from '../../bundle/read/blob-plan.ts';
import type { OpenBundle } from '../../bundle/read/open-media.ts';
import { blobsOf, type PlannedImage } from '../../bundle/read/planned-image.ts';
import { bytesOfParts, collectSmall } from '../../bundle/read/read-blob.ts';
import { closeFile } from '../../files/close-file.ts';
import type { StorePaths } from '../../store/store-paths.ts';
import type { RegistryBlob } from './loopback-registry.ts';

/** Where all bytes of a blob can be read, as plain data: on inserted media, or whole in the store. */
export interface BlobAtHand {
  digest: string;
  sizeBytes: number;
  from: { kind: 'media'; parts: FilePart[] } | { kind: 'store'; path: string };
}

/** Finds where the blobs of an image can be read, apart from those of `relied`; undefined while one of them is incomplete. */
export async function imageAtHand(
  image: PlannedImage,
  open: OpenBundle,
  paths: StorePaths,
  relied: ReadonlySet<string>,
): Promise<BlobAtHand[] | undefined> {
  const wanted = blobsOf(image).filter(({ digest }) => !relied.has(digest));
  const found = await Promise.all(wanted.map((blob) => blobAtHand(blob, open, paths)));
  const all = found.filter((one) => one !== undefined);
  return all.length === found.length ? all : undefined;
}

/** Finds where one blob can be read. The store is preferred: what it holds was read from its medium already. */
export async function blobAtHand(
  { digest, sizeBytes }: { digest: string; sizeBytes: number },
  open: Pick<OpenBundle, 'partsOf'>,
  paths: StorePaths,
): Promise<BlobAtHand | undefined> {
  const hex = hexOf(digest);
  const path = paths.blob(hex);
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === sizeBytes) return { digest, sizeBytes, from: { kind: 'store', path } };
  const { parts, isCovered } = planBlob(hex, open.partsOf(hex), sizeBytes);
  if (!isCovered || parts.some(({ part }) => part.root === undefined)) return undefined;
  return { digest, sizeBytes, from: { kind: 'media', parts: parts.map(({ part }) => part) } };
}

/** Reads a small blob and verifies its digest. Throws as `collectSmall` does. */
export function readSmallBlob(blob: BlobAtHand, signal: AbortSignal): Promise<Buffer> {
  return collectSmall(blob, registryBlob(blob, () => undefined).read(signal));
}

/** Returns a blob as the loopback registry serves it: verified before it is sent. `onRead` counts the bytes read from media. */
export function registryBlob(blob: BlobAtHand, onRead: (bytes: number) => void): RegistryBlob {
  const { digest, sizeBytes, from } = blob;
  if (from.kind === 'store') return { sizeBytes, read: () => storedBytes(from.path, digest) };
  return { sizeBytes, read: (signal) => bytesOfParts(from.parts, { signal, onBytes: onRead }) };
}

const readBytes = 1024 * 1024;

/** Yields a blob of the store in pieces. It was verified when it was stored; the last piece is held back until it is verified again. */
export async function* storedBytes(path: string, digest: string, pieceBytes = readBytes): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    let held: Buffer | undefined;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes);
      if (bytesRead === 0) break;
      if (held) yield held;
      held = buffer.subarray(0, bytesRead);
      hash.update(held);
    }
    if (digestOf(hash.digest('hex')) !== digest) {
      throw appError('import.store-damaged', { path, problem: 'its bytes have another digest than its name' });
    }
    if (held) yield held;
  } finally {
    await closeFile(file);
  }
}
