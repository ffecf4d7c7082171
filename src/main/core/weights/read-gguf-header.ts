import { constants, type FileHandle, open, stat } from 'node:fs/promises';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { fileError } from '../files/file-error.ts';
import { CursorEnd, FileCursor } from './file-cursor.ts';
import { type GgufTensors, readTensors } from './gguf-tensors.ts';
import { type HeaderValue, readText, readValue, u32Type } from './gguf-values.ts';

/** What the header of a GGUF says of its model. No tensor was read. */
export interface GgufHeader extends Omit<GgufTensors, 'endBytes'> {
  /** Of the file. */
  sizeBytes: number;
  metadata: ReadonlyMap<string, HeaderValue>;
  /** Elements of long arrays and of arrays of strings, by key. */
  arrayLengths: ReadonlyMap<string, number>;
}

/** Vocabularies with their merges take some tens of MiB. A hostile file must not take the memory or the day. */
const headerLimitBytes = 256 * 2 ** 20;
/** Far more than any real model has; a damaged header claims anything. */
const maxEntries = 1_000_000;
/** Of all keys and values that are kept; long texts and arrays are not. */
const maxKeptBytes = 32 * 2 ** 20;
/** LLAMA_MAX_LAYERS of llama.cpp, which ends its process when a header claims more. */
const maxLayers = 512;

/**
 * Reads the header of a GGUF and decides whether Sealift takes the file: packing, estimates and the model server all ask here. A file
 * passes when llama.cpp can read its header and every tensor ends within it; whether llama.cpp knows the architecture is not checked.
 * Throws `file.missing`, `file.denied`, `serving.gguf-invalid` or `serving.gguf-version`.
 */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  const asFileError = (cause: unknown) => fileError(path, 'read', cause, 'The model file');
  const facts = await stat(path).catch((cause) => {
    throw asFileError(cause);
  });
  if (!facts.isFile()) throw invalid(path, 'it is not a file');
  const file = await open(path, constants.O_RDONLY).catch((cause) => {
    throw asFileError(cause);
  });
  try {
    return await readOpenGguf(file, path, facts.size);
  } finally {
    await file.close();
  }
}

/** As `readGgufHeader`, for a file that is open; `path` is for errors. */
export async function readOpenGguf(file: FileHandle, path: string, sizeBytes: number): Promise<GgufHeader> {
  const cursor = new FileCursor(file, sizeBytes, headerLimitBytes);
  try {
    return await readHeader(cursor, path, sizeBytes);
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (!(error instanceof CursorEnd) && !(error instanceof RangeError))
      throw fileError(path, 'read', error, 'The model file');
    throw invalid(path, `its header is cut off or damaged: it cannot be read past byte ${cursor.at} of ${sizeBytes}`);
  }
}

async function readHeader(cursor: FileCursor, path: string, sizeBytes: number): Promise<GgufHeader> {
  if (sizeBytes < 24) throw invalid(path, `it has only ${sizeBytes} bytes`);
  const mark = await cursor.bytes(4, 4);
  if (mark.toString('latin1') !== 'GGUF') throw invalid(path, 'it does not start with "GGUF"');
  const version = await cursor.u32();
  if (version < 2 || version > 3) throw appError('serving.gguf-version', { path, version, known: '2 and 3' });
  const tensorCount = await cursor.u64();
  const metadataCount = await cursor.u64();
  if (Math.max(tensorCount, metadataCount) > maxEntries)
    throw invalid(path, 'its header claims more than a million entries');
  const { metadata, arrayLengths } = await readMetadata(cursor, metadataCount, path);
  const layers = Number(metadata.get(`${metadata.get('general.architecture')}.block_count`) ?? 0);
  if (layers > maxLayers) throw invalid(path, `its header claims ${layers} layers`);
  const alignment = Number(metadata.get('general.alignment') ?? 32);
  const { endBytes, ...tensors } = await readTensors(cursor, tensorCount, alignment, (problem) =>
    invalid(path, problem),
  );
  if (endBytes > sizeBytes) throw invalid(path, `its tensors end at byte ${endBytes}, and the file has ${sizeBytes}`);
  return { sizeBytes, metadata, arrayLengths, ...tensors };
}

async function readMetadata(
  cursor: FileCursor,
  count: number,
  path: string,
): Promise<Pick<GgufHeader, 'metadata' | 'arrayLengths'>> {
  const metadata = new Map<string, HeaderValue>();
  const arrayLengths = new Map<string, number>();
  let keptBytes = 0;
  for (let at = 0; at < count; at += 1) {
    const key = await readText(cursor);
    const type = await cursor.u32();
    const value = await readValue(cursor, type);
    keptBytes += 2 * key.length + keptBytesOf(value);
    if (keptBytes > maxKeptBytes) throw invalid(path, 'its header has more texts and numbers than any model needs');
    if (metadata.has(key) || arrayLengths.has(key)) throw invalid(path, `its header has the key ${key} twice`);
    if (key === 'general.alignment' && (type !== u32Type || !isPowerOfTwo(Number(value))))
      throw invalid(path, 'its alignment is not a power of two');
    if (typeof value === 'object' && !Array.isArray(value)) arrayLengths.set(key, value.length);
    else metadata.set(key, value);
  }
  return { metadata, arrayLengths };
}

function keptBytesOf(value: HeaderValue | { length: number }): number {
  if (typeof value === 'string') return 2 * value.length;
  return Array.isArray(value) ? 8 * value.length : 8;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && Number.isInteger(Math.log2(value));
}

function invalid(path: string, problem: string): AppError {
  return appError('serving.gguf-invalid', { path, problem });
}
