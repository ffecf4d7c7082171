import { constants, type FileHandle, open, unlink } from 'node:fs/promises';
import { closeFile } from '../../files/close-file.ts';
import type { PartHashes } from '../format/block-hashes.ts';
import { blockBytes } from '../format/format.ts';
import { blockSpan, readBlock } from '../read/read-blocks.ts';
import { sharedBuffer } from './beside.ts';
import type { CopyWatch, PartOrder } from './copy-order.ts';
import type { LayerHash } from './unpacked-hash.ts';

/** Opens a new file and replaces an existing one: a link on a hostile medium is never followed. Throws the system's errors. */
export async function createFile(path: string): Promise<FileHandle> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  return open(path, 'wx+', 0o644);
}

/** Opens the file that an interrupted run wrote, or a new one. Throws the system's errors. */
export async function openPart({ path, kept }: Pick<PartOrder, 'path' | 'kept'>): Promise<FileHandle> {
  if (kept.length === 0) return createFile(path);
  const file = await reopen(path);
  return file ?? createFile(path);
}

/** Opens a file that an interrupted run wrote; undefined when there is no such plain file. */
export async function reopen(path: string): Promise<FileHandle | undefined> {
  const flags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags).catch(() => undefined);
  if (!file || (await file.stat()).isFile()) return file;
  await closeFile(file);
  return undefined;
}

/**
 * Reads and hashes the first blocks of a file as long as they have the digests of the ledger, and cuts the file off behind them.
 * Returns their bytes.
 */
export async function keepBlocks(
  file: FileHandle,
  { sizeBytes, kept }: PartOrder,
  { hashes, unpacked }: { hashes: PartHashes; unpacked: LayerHash | undefined },
  watch: CopyWatch,
): Promise<number> {
  const buffer = sharedBuffer(kept.length > 0 ? Math.min(blockBytes, sizeBytes) : 0);
  let keptBytes = 0;
  for (const [index, sha256] of kept.entries()) {
    watch.signal.throwIfAborted();
    const span = blockSpan(sizeBytes, index);
    if (span.lengthBytes <= 0) break;
    const data = buffer.subarray(0, span.lengthBytes);
    // A block that the medium cannot read is written again.
    if ((await readBlock(file, data, span.offsetBytes).catch(() => undefined)) !== sha256) break;
    await Promise.all([hashes.addBlock(data, sha256), unpacked?.update(data)]);
    keptBytes += span.lengthBytes;
    watch.onBytes(span.lengthBytes);
  }
  await file.truncate(keptBytes);
  return keptBytes;
}
