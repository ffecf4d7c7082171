import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Damage } from '../../../../shared/contract/bundle-read.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { closeFile } from '../../files/close-file.ts';
import { fileError } from '../../files/file-error.ts';
import type { FilePart } from '../format/blob-parts.ts';
import { blobOfPath } from '../format/check-payload.ts';
import { blockBytes } from '../format/format.ts';
import { openMediumFile } from '../format/open-medium-file.ts';
import { blockSpan, readBlock } from './read-blocks.ts';
import { fillRepaired, isRepairable } from './repaired-block.ts';

/** The files to verify in reading order; parts of one blob follow each other. `wholeBlobs`: hex digests whose parts are all listed. */
export interface VerifyPlan {
  files: FilePart[];
  wholeBlobs: string[];
}

/** What verifying reports while it runs. */
export type VerifyEvent =
  | { type: 'bytes'; bytes: number; path: string }
  | { type: 'damage'; damage: Damage }
  /** A block of this medium came from an overlay. */
  | { type: 'repaired'; medium: string };

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
  let file: FileHandle | undefined;
  let kind: Damage['kind'] = 'missing-file';
  try {
    file = await openMediumFile(part.root ?? '', part.path);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    kind = error.code === 'bundle.link' ? 'not-a-file' : 'unreadable';
  }
  if (!file) return (await checkLost(check, 0, { kind })) && checkWhole(check);
  try {
    return (await checkBlocks(file, check)) && checkWhole(check);
  } finally {
    await closeFile(file);
  }
}

async function checkBlocks(file: FileHandle, check: Checking): Promise<boolean> {
  const { part, totals, signal } = check;
  let isGood = true;
  for (let block = 0; block < part.blocks.length; block += 1) {
    signal.throwIfAborted();
    const span = blockSpan(part.sizeBytes, block);
    const found = await tryBlock(file, span, check);
    if (found === 'truncated') {
      const foundBytes = await sizeOf(file, part);
      return (await checkLost(check, block, { kind: 'truncated', foundBytes })) && isGood;
    }
    totals.blocksChecked += 1;
    totals.bytesChecked += span.lengthBytes;
    const isSigned = found === part.blocks[block];
    if (isSigned || (await repaired(check, block))) feed(check, block);
    else isGood = damaged(check, { block, ...span, kind: found === 'unreadable' ? 'unreadable' : 'block' });
  }
  const size = await sizeOf(file, part);
  if (size > part.sizeBytes) {
    const extra = { offsetBytes: part.sizeBytes, lengthBytes: size - part.sizeBytes, foundBytes: size };
    isGood = damaged(check, { block: Math.max(0, part.blocks.length - 1), ...extra, kind: 'too-long' });
  }
  return isGood;
}

async function sizeOf(file: FileHandle, { root = '', path }: FilePart): Promise<number> {
  try {
    return (await file.stat()).size;
  } catch (error) {
    throw fileError(join(root, path), 'read', error);
  }
}

/**
 * Checks the blocks that the medium does not give at all, from one to the end. Those that an overlay has count as good. The others are
 * reported by runs; a file cut short only once, since its damage reaches to the signed end.
 */
async function checkLost(
  check: Checking,
  fromBlock: number,
  how: Pick<Damage, 'kind' | 'foundBytes'>,
): Promise<boolean> {
  const { part, totals, signal } = check;
  const report = (from: number, endBytes: number) => {
    const { offsetBytes } = blockSpan(part.sizeBytes, from);
    return damaged(check, { block: from, offsetBytes, lengthBytes: endBytes - offsetBytes, ...how });
  };
  // An overlay has nothing of an empty file.
  let lostFrom = part.blocks.length === 0 ? 0 : undefined;
  let isGood = true;
  for (let block = fromBlock; block < part.blocks.length; block += 1) {
    signal.throwIfAborted();
    if (!(await repaired(check, block))) {
      lostFrom ??= block;
      continue;
    }
    const { offsetBytes, lengthBytes } = blockSpan(part.sizeBytes, block);
    feed(check, block);
    totals.blocksChecked += 1;
    totals.bytesChecked += lengthBytes;
    const unreadBytes = offsetBytes + lengthBytes - Math.max(offsetBytes, how.foundBytes ?? 0);
    check.tell({ type: 'bytes', bytes: Math.max(0, unreadBytes), path: part.path });
    if (lostFrom === undefined || how.kind === 'truncated') continue;
    isGood = report(lostFrom, offsetBytes);
    lostFrom = undefined;
  }
  return lostFrom === undefined ? isGood : report(lostFrom, part.sizeBytes);
}

function checkWhole(check: Checking): boolean {
  const { part } = check;
  if (check.whole.digest('hex') === part.sha256) return true;
  return damaged(check, { block: 0, offsetBytes: 0, lengthBytes: part.sizeBytes, kind: 'digest' });
}

/** The buffer of a block. */
function dataOf({ part, buffer }: Checking, block: number): Buffer {
  return buffer.subarray(0, blockSpan(part.sizeBytes, block).lengthBytes);
}

async function repaired(check: Checking, block: number): Promise<boolean> {
  const isThere = await fillRepaired(check.part, block, dataOf(check, block));
  if (isThere) check.tell({ type: 'repaired', medium: check.part.medium });
  return isThere;
}

/** Adds a good block to the digests that reach across blocks. Without an overlay, that was done while it was read. */
function feed(check: Checking, block: number): void {
  if (!isRepairable(check.part)) return;
  for (const one of [check.whole, check.blob?.hash]) one?.update(dataOf(check, block));
}

async function tryBlock(
  file: FileHandle,
  span: { offsetBytes: number; lengthBytes: number },
  check: Checking,
): Promise<string> {
  const data = check.buffer.subarray(0, span.lengthBytes);
  const tellBytes = (bytes: number) => check.tell({ type: 'bytes', bytes, path: check.part.path });
  // What an overlay may replace is added once it is good.
  const also = isRepairable(check.part) ? [] : [check.whole, check.blob?.hash];
  try {
    const sha256 = await readBlock(file, data, span.offsetBytes, also, tellBytes);
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
