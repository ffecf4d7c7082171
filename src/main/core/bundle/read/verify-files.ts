import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Damage } from '../../../../shared/contract/bundle-read.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { FilePart } from '../format/blob-parts.ts';
import { blobOfPath } from '../format/check-payload.ts';
import { blockBytes } from '../format/format.ts';
import { openMediumFile } from '../format/open-medium-file.ts';
import { blockSpan, readBlock, readBlocks } from './read-blocks.ts';
import { isRepairable } from './repaired-block.ts';

/** The files to verify in reading order; parts of one blob follow each other. `wholeBlobs`: hex digests whose parts are all listed. */
export interface VerifyPlan {
  files: FilePart[];
  wholeBlobs: string[];
}

/** What verifying reports while it runs. */
export type VerifyEvent = { type: 'bytes'; bytes: number; path: string } | { type: 'damage'; damage: Damage };

/** How much was read. */
export interface VerifyTotals {
  blocksChecked: number;
  bytesChecked: number;
}

interface Checking {
  part: FilePart;
  totals: VerifyTotals;
  blob: BlobCheck | undefined;
  whole: Hash;
  buffer: Buffer;
  signal: AbortSignal;
  tell: (event: VerifyEvent) => void;
}

/** The running digest of a blob that is cut in parts; `isGood` turns false with its first damage. */
interface BlobCheck {
  hex: string;
  hash: Hash;
  isGood: boolean;
  sizeBytes: number;
}

/** Reads every file once, block by block, and continues after damage. The same pass verifies whole files and blobs across parts. */
export async function verifyFiles(
  plan: VerifyPlan,
  signal: AbortSignal,
  tell: (event: VerifyEvent) => void,
): Promise<VerifyTotals> {
  const totals = { blocksChecked: 0, bytesChecked: 0 };
  const whole = new Set(plan.wholeBlobs);
  const buffer = Buffer.allocUnsafe(blockBytes);
  let blob: BlobCheck | undefined;
  for (const [index, part] of plan.files.entries()) {
    const hex = partOfBlob(part);
    if (hex !== blob?.hex) blob = hex !== undefined && whole.has(hex) ? newBlobCheck(hex) : undefined;
    const isGood = await checkFile({ part, totals, blob, whole: createHash('sha256'), buffer, signal, tell });
    if (!blob) continue;
    blob.isGood &&= isGood;
    blob.sizeBytes += part.sizeBytes;
    const next = plan.files[index + 1];
    if (next === undefined || partOfBlob(next) !== blob.hex) endBlob(blob, part, tell);
  }
  return totals;
}

function partOfBlob(part: FilePart): string | undefined {
  const blob = blobOfPath(part.path);
  return blob?.index === undefined ? undefined : blob.hex;
}

function newBlobCheck(hex: string): BlobCheck {
  return { hex, hash: createHash('sha256'), isGood: true, sizeBytes: 0 };
}

function endBlob(blob: BlobCheck, last: FilePart, tell: (event: VerifyEvent) => void): void {
  if (!blob.isGood || blob.hash.digest('hex') === blob.hex) return;
  const whole = { block: 0, offsetBytes: 0, lengthBytes: blob.sizeBytes, kind: 'digest' as const };
  tell({ type: 'damage', damage: { medium: last.medium, path: last.path, ...whole } });
}

async function checkFile(check: Checking): Promise<boolean> {
  const { part } = check;
  const wholeFile = { block: 0, offsetBytes: 0, lengthBytes: part.sizeBytes };
  let file: FileHandle | undefined;
  if (isRepairable(part)) return checkRepairable(check);
  try {
    file = await openMediumFile(part.root ?? '', part.path);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return damaged(check, { ...wholeFile, kind: error.code === 'bundle.link' ? 'not-a-file' : 'unreadable' });
  }
  if (!file) return damaged(check, { ...wholeFile, kind: 'missing-file' });
  try {
    return await checkBlocks(file, check);
  } finally {
    await file.close();
  }
}

/** Blocks that an overlay has count as good, whatever became of the file. Each of the others is reported. */
async function checkRepairable(check: Checking): Promise<boolean> {
  const { part, totals, signal } = check;
  let isGood = true;
  for (let block = 0; block < part.blocks.length; block += 1) {
    const span = blockSpan(part.sizeBytes, block);
    const hashes = [check.whole, check.blob?.hash];
    try {
      for await (const { data } of readBlocks(part, { signal, fromBlock: block, toBlock: block + 1 }))
        for (const one of hashes) one?.update(data);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      isGood = damaged(check, { block, ...span, kind: 'block' });
    }
    check.tell({ type: 'bytes', bytes: span.lengthBytes, path: part.path });
    totals.blocksChecked += 1;
    totals.bytesChecked += span.lengthBytes;
  }
  if (isGood && check.whole.digest('hex') !== part.sha256) {
    return damaged(check, { block: 0, offsetBytes: 0, lengthBytes: part.sizeBytes, kind: 'digest' });
  }
  return isGood;
}

async function checkBlocks(file: FileHandle, check: Checking): Promise<boolean> {
  const { part, totals, signal } = check;
  let isGood = true;
  for (let block = 0; block < part.blocks.length; block += 1) {
    signal.throwIfAborted();
    const span = blockSpan(part.sizeBytes, block);
    const found = await tryBlock(file, span, check);
    if (found === 'truncated') {
      const { size: foundBytes } = await file.stat();
      const rest = { offsetBytes: span.offsetBytes, lengthBytes: part.sizeBytes - span.offsetBytes, foundBytes };
      return damaged(check, { block, ...rest, kind: 'truncated' });
    }
    totals.blocksChecked += 1;
    totals.bytesChecked += span.lengthBytes;
    if (found === 'unreadable') isGood = damaged(check, { block, ...span, kind: 'unreadable' });
    else if (found !== part.blocks[block]) isGood = damaged(check, { block, ...span, kind: 'block' });
  }
  const { size } = await file.stat();
  if (size > part.sizeBytes) {
    const extra = { offsetBytes: part.sizeBytes, lengthBytes: size - part.sizeBytes, foundBytes: size };
    isGood = damaged(check, { block: Math.max(0, part.blocks.length - 1), ...extra, kind: 'too-long' });
  }
  if (isGood && check.whole.digest('hex') !== part.sha256) {
    isGood = damaged(check, { block: 0, offsetBytes: 0, lengthBytes: part.sizeBytes, kind: 'digest' });
  }
  return isGood;
}

async function tryBlock(
  file: FileHandle,
  span: { offsetBytes: number; lengthBytes: number },
  check: Checking,
): Promise<string> {
  const data = check.buffer.subarray(0, span.lengthBytes);
  const tellBytes = (bytes: number) => check.tell({ type: 'bytes', bytes, path: check.part.path });
  try {
    const sha256 = await readBlock(file, data, span.offsetBytes, [check.whole, check.blob?.hash], tellBytes);
    return sha256 ?? 'truncated';
  } catch (error) {
    // One bad sector must not hide the rest of the medium.
    if ((error as NodeJS.ErrnoException).syscall === 'read') return 'unreadable';
    throw error;
  }
}

function damaged(check: Checking, place: Omit<Damage, 'medium' | 'path'>): false {
  check.tell({ type: 'damage', damage: { medium: check.part.medium, path: check.part.path, ...place } });
  return false;
}
