import { createHash, type Hash } from 'node:crypto';
import { chmod, constants, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { appError } from '../../../../shared/errors/app-error.ts';
import { blockBytes } from '../../bundle/format/format.ts';
import type { BlobToPlace } from '../../bundle/read/blob-plan.ts';
import { type BlockBuffers, blockSpan, readBlock, readBlocks } from '../../bundle/read/read-blocks.ts';
import { closeFile } from '../../files/close-file.ts';
import { DirectWriter, pageAligned } from '../../files/direct-io.ts';
import { fileError } from '../../files/file-error.ts';
import { freeSpace } from '../../files/free-space.ts';
import { syncFolder } from '../../files/write-whole.ts';
import { type StorePaths, storePaths } from '../../store/store-paths.ts';
import { Ledger, type LedgerBlock } from './ledger.ts';
import { WrittenBytes } from './written-bytes.ts';

/** The job of the worker thread. */
export interface PlacePlan {
  store: string;
  blobs: BlobToPlace[];
  /** Counts what is written. */
  written?: SharedArrayBuffer;
}

/** Reports bytes that were read from a medium, or that were already in the store and were verified there. */
export type PlaceEvent = { type: 'read' | 'resumed'; bytes: number; item: string };

/** The result of placing. `incomplete`: hex digests of blobs that lack parts. */
export interface PlaceTotals {
  bytesRead: number;
  bytesWritten: number;
  resumedBytes: number;
  incomplete: string[];
}

interface Placing {
  buffers: BlockBuffers;
  paths: StorePaths;
  totals: PlaceTotals;
  written: WrittenBytes;
  signal: AbortSignal;
  tell: (event: PlaceEvent) => void;
}

/**
 * Writes blobs to the store. Each block is verified before it is written, and synced before it is entered in the ledger. Each blob's
 * digest is verified over all its bytes before it gets its name. Blocks in the ledger are not read from the medium again. Throws
 * `space.ran-out` before the reserve of the store's filesystem is touched.
 */
export async function placeBlobs(
  plan: PlacePlan,
  signal: AbortSignal,
  tell: (event: PlaceEvent) => void,
): Promise<PlaceTotals> {
  const totals: PlaceTotals = { bytesRead: 0, bytesWritten: 0, resumedBytes: 0, incomplete: [] };
  const paths = storePaths(plan.store);
  const written = new WrittenBytes(plan.written);
  const buffers: BlockBuffers = [pageAligned(blockBytes), pageAligned(blockBytes)];
  for (const blob of plan.blobs) {
    signal.throwIfAborted();
    const isWhole = await placeBlob(blob, { buffers, paths, totals, written, signal, tell }).catch((error) => {
      // Media throw errors of the table: anything else comes from the store's disk.
      throw fileError(paths.store, 'write', error);
    });
    if (!isWhole) totals.incomplete.push(blob.hex);
  }
  await syncFolder(paths.blobs);
  return totals;
}

async function placeBlob(blob: BlobToPlace, placing: Placing): Promise<boolean> {
  const path = placing.paths.blobPart(blob.hex);
  const ledgerPath = placing.paths.ledger(blob.hex);
  const hash = createHash('sha256');
  const file = await openPart(path);
  const out = new DirectWriter(file);
  // A blob that is read again within a second needs no ledger.
  const isShort = blob.isCovered && blob.parts.length === 1 && (blob.sizeBytes ?? 0) <= blockBytes;
  let ledger: Ledger | undefined;
  try {
    if (!isShort) ledger = await Ledger.open(ledgerPath);
    if (!(await fillBlob(blob, out, ledger, hash, placing))) return false;
    if (hash.digest('hex') !== blob.hex) {
      await rm(path, { force: true });
      await rm(ledgerPath, { force: true });
      throw appError('bundle.content-mismatch', {
        what: `The blob ${blob.hex}`,
        problem: 'its bytes have another digest',
      });
    }
    await file.truncate(blob.sizeBytes ?? 0);
    await file.chmod(0o444);
    await file.sync();
  } finally {
    await out.close();
    await closeFile(file);
    await ledger?.close();
  }
  await rename(path, placing.paths.blob(blob.hex));
  await rm(ledgerPath, { force: true });
  return true;
}

async function openPart(path: string): Promise<FileHandle> {
  // A kill just before the rename leaves it read-only.
  await chmod(path, 0o600).catch(() => undefined);
  return open(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600);
}

interface PlannedBlock extends LedgerBlock {
  partNumber: number;
  index: number;
}

/** Returns true when every byte of the blob is in the file and was hashed. */
async function fillBlob(
  blob: BlobToPlace,
  out: DirectWriter,
  ledger: Ledger | undefined,
  hash: Hash,
  placing: Placing,
): Promise<boolean> {
  const blocks = plannedBlocks(blob);
  let isChained = true;
  for (let at = 0; at < blocks.length; ) {
    placing.signal.throwIfAborted();
    const block = blocks[at];
    const part = block && blob.parts[block.partNumber]?.part;
    if (!block || !part) break;
    if (ledger?.has(block) && (await isInStore(out.file, block, placing.buffers[0], isChained ? hash : undefined))) {
      placing.totals.resumedBytes += block.lengthBytes;
      placing.tell({ type: 'resumed', bytes: block.lengthBytes, item: part.path });
      at += 1;
    } else if (part.root === undefined) {
      isChained = false;
      at += 1;
    } else {
      const run = runLength(blocks, at, ledger);
      await copyRun(blob, blocks.slice(at, at + run), out, ledger, isChained ? hash : undefined, placing);
      at += run;
    }
  }
  return isChained && blob.isCovered;
}

function plannedBlocks(blob: BlobToPlace): PlannedBlock[] {
  return blob.parts.flatMap(({ offsetBytes, part }, partNumber) =>
    part.blocks.map((sha256, index) => {
      const span = blockSpan(part.sizeBytes, index);
      return { partNumber, index, sha256, offsetBytes: offsetBytes + span.offsetBytes, lengthBytes: span.lengthBytes };
    }),
  );
}

/** The first block is read from its medium in any case; those after it of the same part as long as the ledger lacks them. */
function runLength(blocks: PlannedBlock[], at: number, ledger: Ledger | undefined): number {
  const first = blocks[at];
  let length = 1;
  for (let next = blocks[at + 1]; next && next.partNumber === first?.partNumber; next = blocks[at + length]) {
    if (ledger?.has(next)) break;
    length += 1;
  }
  return length;
}

async function isInStore(
  file: FileHandle,
  block: PlannedBlock,
  buffer: Buffer,
  hash: Hash | undefined,
): Promise<boolean> {
  const data = buffer.subarray(0, block.lengthBytes);
  // A block that the disk cannot read is written again.
  if ((await readBlock(file, data, block.offsetBytes).catch(() => undefined)) !== block.sha256) return false;
  hash?.update(data);
  return true;
}

async function copyRun(
  blob: BlobToPlace,
  run: PlannedBlock[],
  out: DirectWriter,
  ledger: Ledger | undefined,
  hash: Hash | undefined,
  placing: Placing,
): Promise<void> {
  const [first] = run;
  const part = first && blob.parts[first.partNumber]?.part;
  if (!part) return;
  const onBytes = (bytes: number) => {
    placing.totals.bytesRead += bytes;
    placing.tell({ type: 'read', bytes, item: part.path });
  };
  const range = { fromBlock: first.index, toBlock: first.index + run.length };
  const { signal, buffers } = placing;
  const options = { signal, buffers, ...range, isWholeVerified: false, onBytes, ...(hash && { hash }) };
  // While one block is written and synced, the next is read and hashed: the reader has two buffers.
  let writing = Promise.resolve();
  try {
    for await (const { index, data } of readBlocks(part, options)) {
      await writing;
      const block = run[index - first.index];
      if (!block) break;
      writing = commitBlock(out, ledger, block, data, placing);
      writing.catch(() => undefined);
    }
  } finally {
    await writing;
  }
}

async function commitBlock(
  out: DirectWriter,
  ledger: Ledger | undefined,
  block: PlannedBlock,
  data: Buffer,
  placing: Placing,
): Promise<void> {
  const { freeBytes, reserveBytes } = await freeSpace(placing.paths.blobs);
  if (freeBytes - data.length < reserveBytes) throw appError('space.ran-out', { path: placing.paths.store, freeBytes });
  // Before they are written: whoever watches the space must not take them for what others wrote.
  placing.written.add(data.length);
  await out.write(data, block.offsetBytes);
  placing.totals.bytesWritten += data.length;
  if (!ledger) return;
  await out.file.datasync();
  await ledger.commit(block);
}
