import { appError } from '../../../../shared/errors/app-error.ts';
import { sha256Digest } from '../../files/sha256.ts';
import type { ByteRange } from '../../files/source-folder.ts';
import type { Descriptor } from '../format/oci-schemas.ts';
import type { BlobSource } from './content-source.ts';
import { type ImageFiles, readSmall } from './image-files.ts';

/** Returns where a blob of a layout is. Throws `pack.image-incomplete` when it is missing or has another size. */
export async function blobSource(files: ImageFiles, one: Descriptor): Promise<BlobSource & { range: ByteRange }> {
  const range = await files.find(blobName(one));
  if (!range)
    throw appError('pack.image-incomplete', { path: files.root, problem: `the blob ${one.digest} is missing` });
  if (range.sizeBytes !== one.size) {
    const problem = `the blob ${one.digest} has ${range.sizeBytes} bytes and should have ${one.size}`;
    throw appError('pack.image-incomplete', { path: files.root, problem });
  }
  return { key: one.digest, digest: one.digest, range };
}

/** Returns a small blob of a layout, verified. Throws as above, `pack.source-damaged`, `pack.not-an-image`. */
export async function readBlob(files: ImageFiles, one: Descriptor): Promise<Buffer> {
  await blobSource(files, one);
  const bytes = (await readSmall(files, blobName(one))) ?? Buffer.alloc(0);
  const found = sha256Digest(bytes);
  if (found !== one.digest) throw appError('pack.source-damaged', { path: files.root, expected: one.digest, found });
  return bytes;
}

/** Returns the name of a blob's file in a layout. */
export function blobName(one: Pick<Descriptor, 'digest'>): string {
  return `blobs/${one.digest.replace(':', '/')}`;
}
