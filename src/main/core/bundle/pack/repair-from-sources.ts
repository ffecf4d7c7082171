import type { repair } from '../../../../shared/contract/bundle-repair.ts';
import { digestOf } from '../../../../shared/digest.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { RemoteHosts } from '../../remote/remote-hosts.ts';
import type { Work } from '../../work.ts';
import { blobOfPath } from '../format/check-payload.ts';
import type { RepairRequest } from '../format/repair-request.ts';
import { type BlockSource, writeOverlay } from '../read/answer-repair.ts';
import type { BlobSource, ContentSource } from '../sources/content-source.ts';
import { openByteSource } from './byte-source.ts';

type Wanted = RepairRequest['blocks'][number];

/** As many sources are asked for one block. */
const mostSources = 10;

/**
 * Writes an overlay with the blocks of a request from the sources of the bundle's description: of an address, only their bytes are fetched
 * (Range). A block counts only as it was signed. What a pack makes itself (lists, pages, manifests) is in no source. Throws what
 * `writeOverlay` throws, `remote.*`, `file.*`.
 */
export async function repairFromSources(
  request: RepairRequest,
  sources: readonly Pick<ContentSource, 'blobs'>[],
  to: string,
  work: Work,
): Promise<OutputOf<typeof repair>> {
  const blobs = sources.flatMap((one) => one.blobs);
  const hosts = new RemoteHosts();
  const blockOf: BlockSource = async (one) => {
    for (const blob of candidates(blobs, one)) {
      const data = await readFrom(blob, one, hosts, work);
      if (data && sha256Hex(data) === one.sha256) return data;
    }
    return undefined;
  };
  try {
    return await writeOverlay(request, blockOf, to, work);
  } finally {
    await hosts.close();
  }
}

/** The blob of that digest or, since a file's digest may be unknown until it is read, those that are long enough. */
function candidates(blobs: readonly BlobSource[], { path, sizeBytes, blobOffsetBytes }: Wanted): BlobSource[] {
  const hex = blobOfPath(path)?.hex;
  if (hex === undefined || blobOffsetBytes === undefined) return [];
  const known = blobs.filter(({ digest }) => digest === digestOf(hex));
  if (known.length > 0) return known.slice(0, 1);
  const end = blobOffsetBytes + sizeBytes;
  return blobs.filter(({ digest, range }) => digest === undefined && range.sizeBytes >= end).slice(0, mostSources);
}

/** Undefined for a file that is no longer what it was. */
async function readFrom(
  blob: BlobSource,
  { sizeBytes, blobOffsetBytes = 0 }: Wanted,
  hosts: RemoteHosts,
  work: Work,
): Promise<Buffer | undefined> {
  const bytes = await openByteSource(blob, { signal: work.signal, say: (line) => work.log(line) }, hosts);
  try {
    return await bytes.fill(Buffer.alloc(sizeBytes), bytes.offsetBytes + blobOffsetBytes);
  } catch (error) {
    if (error instanceof AppError && error.code === 'pack.source-changed') return undefined;
    throw error;
  } finally {
    await bytes.close();
  }
}
