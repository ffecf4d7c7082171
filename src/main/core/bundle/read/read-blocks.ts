import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import { closeFile } from '../../files/close-file.ts';
import { fileError } from '../../files/file-error.ts';
import type { FilePart } from '../format/blob-parts.ts';
import { blockBytes } from '../format/format.ts';
import { openMediumFile } from '../format/open-medium-file.ts';
import { checkPresent } from './present-medium.ts';
import { fillRepaired, isRepairable } from './repaired-block.ts';

/** One block of a file as it was read. `data` stays valid until the second next block is asked for. */
export interface Block {
  index: number;
  offsetBytes: number;
  lengthBytes: number;
  data: Buffer;
}

/** How to read the blocks of a file. */
export interface ReadOptions {
  signal: AbortSignal;
  /** First block to read (default 0) and the one to stop before (default: all). */
  fromBlock?: number;
  toBlock?: number;
  /** Fed with all bytes as they are read, before their block is verified: use its digest only after the last block. */
  hash?: Hash;
  /** False when the caller proves a digest over all bytes himself: each byte is then hashed once less. */
  isWholeVerified?: boolean;
  /** Called about each MiB with the bytes read since the last call. */
  onBytes?: (bytes: number) => void;
  /** Two of 16 MiB to read into in turn, for whoever reads many files or needs their memory aligned. Otherwise they are allocated as needed. */
  buffers?: BlockBuffers;
}

/** Memory for two blocks. */
export type BlockBuffers = readonly [Buffer, Buffer];

/** SHA-256 runs twice as fast over 1 MiB reads as over 64 KiB ones; larger ones gain nothing. */
const readBytes = 1024 * 1024;

/**
 * Reads a file of a medium block by block; each block is verified against its signed SHA-256 before it is yielded. One that is damaged
 * or missing is taken from an overlay that has it; without one, the medium's own error is thrown. Reads ahead 1 MiB
 * while hashing. Throws `bundle.damaged` with the block, `bundle.truncated`, `bundle.missing-file`, `bundle.link`, `medium.gone`;
 * an abort throws the signal's reason. After the last block, the SHA-256 of the whole file is verified too.
 */
export async function* readBlocks(part: FilePart, options: ReadOptions): AsyncGenerator<Block> {
  const opened = await openPart(part);
  if (!opened.file && !isRepairable(part)) throw opened.problem;
  try {
    const size = (await opened.file?.stat().catch((error) => Promise.reject(readError(part, error))))?.size ?? 0;
    // An overlay can bring what is missing, but takes nothing away.
    if (size > part.sizeBytes || (size < part.sizeBytes && !isRepairable(part))) throw truncated(part, size);
    yield* verifiedBlocks(opened, part, options);
  } finally {
    await closeFile(opened.file);
  }
}

/** A file, or why it cannot be opened. */
type OpenedPart = { file: FileHandle } | { file?: never; problem: unknown };

async function openPart(part: FilePart): Promise<OpenedPart> {
  if (part.root === undefined) throw missingFile(part);
  try {
    const file = await openMediumFile(part.root, part.path);
    if (file) return { file };
    await checkPresent(part.root);
    return { problem: missingFile(part) };
  } catch (problem) {
    return { problem };
  }
}

async function* verifiedBlocks(opened: OpenedPart, part: FilePart, options: ReadOptions): AsyncGenerator<Block> {
  const { fromBlock = 0, toBlock = part.blocks.length, isWholeVerified = true } = options;
  const isAll = fromBlock === 0 && toBlock === part.blocks.length;
  const whole = isAll && isWholeVerified ? createHash('sha256') : undefined;
  const buffers = options.buffers ?? [0, 1].map(() => Buffer.allocUnsafe(Math.min(blockBytes, part.sizeBytes)));
  for (let index = fromBlock; index < toBlock; index += 1) {
    options.signal.throwIfAborted();
    const span = blockSpan(part.sizeBytes, index);
    const data = (buffers[index % 2] ?? Buffer.alloc(0)).subarray(0, span.lengthBytes);
    const also = [whole, options.hash];
    const problem = await readSigned(opened, part, index, data, { also: isRepairable(part) ? [] : also, ...options });
    if (problem && !(await fillRepaired(part, index, data))) throw problem;
    // What is only known to be good now.
    if (isRepairable(part)) for (const one of also) one?.update(data);
    yield { index, ...span, data };
  }
  if (whole && whole.digest('hex') !== part.sha256) {
    const problem = 'its blocks are as signed, but together they have another SHA-256';
    throw appError('bundle.content-mismatch', { what: join(part.root ?? '', part.path), problem });
  }
}

/** Reads one block. Returns why it is not as signed; undefined when it is. */
async function readSigned(
  opened: OpenedPart,
  part: FilePart,
  index: number,
  data: Buffer,
  { also, onBytes }: Pick<ReadOptions, 'onBytes'> & { also: (Hash | undefined)[] },
): Promise<unknown> {
  const { file } = opened;
  if (!file) return opened.problem;
  const span = blockSpan(part.sizeBytes, index);
  try {
    const sha256 = await readBlock(file, data, span.offsetBytes, also, onBytes);
    if (sha256 === undefined) return truncated(part, (await file.stat()).size);
    if (sha256 === part.blocks[index]) return undefined;
    return appError('bundle.damaged', { medium: part.medium, path: part.path, block: index, ...span });
  } catch (error) {
    return readError(part, error);
  }
}

function readError({ root = '', path }: FilePart, error: unknown): unknown {
  return fileError(join(root, path), 'read', error);
}

/** The range of a block in its file. */
export function blockSpan(sizeBytes: number, index: number): { offsetBytes: number; lengthBytes: number } {
  const offsetBytes = index * blockBytes;
  return { offsetBytes, lengthBytes: Math.min(blockBytes, sizeBytes - offsetBytes) };
}

/**
 * Fills a buffer from an offset of a file in 1 MiB reads, one ahead of the hashing. Returns the SHA-256 (hex) of what was read, or
 * undefined when the file ends before; `also` are fed with the same bytes.
 */
export async function readBlock(
  file: FileHandle,
  data: Buffer,
  offsetBytes: number,
  also: (Hash | undefined)[] = [],
  onBytes?: (bytes: number) => void,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  const read = (from: number) => file.read(data, from, Math.min(readBytes, data.length - from), offsetBytes + from);
  let filled = 0;
  let ahead = data.length > 0 ? read(0) : undefined;
  while (ahead) {
    const { bytesRead } = await ahead;
    if (bytesRead === 0) return undefined;
    const from = filled;
    filled += bytesRead;
    ahead = filled < data.length ? read(filled) : undefined;
    const piece = data.subarray(from, filled);
    hash.update(piece);
    for (const one of also) one?.update(piece);
    onBytes?.(bytesRead);
  }
  return hash.digest('hex');
}

function missingFile({ medium, path }: FilePart): AppError {
  return appError('bundle.missing-file', { medium, path });
}

function truncated(part: FilePart, foundBytes: number) {
  return appError('bundle.truncated', {
    medium: part.medium,
    path: part.path,
    sizeBytes: part.sizeBytes,
    foundBytes,
  });
}
