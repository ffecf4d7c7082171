import { constants, open } from 'node:fs/promises';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { checkGgufHead } from '../serving/gguf-check.ts';
import { CursorEnd, FileCursor } from './file-cursor.ts';
import { ggmlBlocks } from './ggml-types.ts';

/** A value of the header; arrays only when they are short and of numbers, one for each layer. */
export type HeaderValue = string | number | boolean | number[];

/** What the header of a GGUF says of its model. No tensor was read. */
export interface GgufHeader {
  metadata: ReadonlyMap<string, HeaderValue>;
  /** Elements of long arrays and of arrays of strings, by key. */
  arrayLengths: ReadonlyMap<string, number>;
  /** Bytes and values of all tensors, by their types and shapes, and the type that holds the most of them. */
  weightsBytes: number;
  parameters: number;
  mainType: string;
}

/* Vocabularies with their merges take some tens of MiB; a hostile file must not take the memory or the day. */
const headerLimitBytes = 256 * 2 ** 20;
const maxTextBytes = 65_536;
const maxKeptItems = 2048;
const maxDepth = 2;
const maxValues = 2 ** 50;
const fixedBytes: Record<number, number> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const stringType = 8;
const arrayType = 9;

/**
 * Reads the header of a GGUF, bounded, whatever it claims. Throws `file.missing`, `file.denied`, `serving.gguf-invalid` or
 * `serving.gguf-version`.
 */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  const sizeBytes = await checkGgufHead(path);
  const file = await open(path, constants.O_RDONLY);
  const cursor = new FileCursor(file, sizeBytes, headerLimitBytes);
  try {
    return await readHeader(cursor, path, sizeBytes);
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (!(error instanceof CursorEnd) && !(error instanceof RangeError)) throw error;
    throw invalid(path, `its header is cut off or lies: it cannot be read past byte ${cursor.at} of ${sizeBytes}`);
  } finally {
    await file.close();
  }
}

async function readHeader(cursor: FileCursor, path: string, sizeBytes: number): Promise<GgufHeader> {
  cursor.skip(8);
  const tensorCount = await cursor.u64();
  const metadataCount = await cursor.u64();
  const metadata = new Map<string, HeaderValue>();
  const arrayLengths = new Map<string, number>();
  for (let at = 0; at < metadataCount; at += 1) {
    const key = await textOf(cursor);
    const value = await itemOf(cursor, await cursor.u32(), 0);
    if (typeof value === 'object' && !Array.isArray(value)) arrayLengths.set(key, value.length);
    else metadata.set(key, value);
  }
  const tensors = await tensorsOf(cursor, tensorCount, path);
  if (tensors.weightsBytes > sizeBytes) {
    throw invalid(path, `its tensors need ${tensors.weightsBytes} bytes, the file has ${sizeBytes}`);
  }
  return { metadata, arrayLengths, ...tensors };
}

async function tensorsOf(cursor: FileCursor, count: number, path: string) {
  const byType = new Map<string, number>();
  let weightsBytes = 0;
  let parameters = 0;
  for (let at = 0; at < count; at += 1) {
    await textOf(cursor);
    const dimensions = await cursor.u32();
    if (dimensions > 8) throw invalid(path, `a tensor claims ${dimensions} dimensions`);
    let values = 1;
    for (let axis = 0; axis < dimensions; axis += 1) values *= await cursor.u64();
    const type = await cursor.u32();
    cursor.skip(8);
    const block = ggmlBlocks[type];
    if (!block) throw invalid(path, `a tensor is of type ${type}, which this Sealift does not know`);
    if (values > maxValues) throw invalid(path, 'a tensor claims more values than any model has');
    const bytes = Math.ceil(values / block.values) * block.bytes;
    byType.set(block.name, (byType.get(block.name) ?? 0) + bytes);
    weightsBytes += bytes;
    parameters += values;
  }
  const mainType = [...byType].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'f32';
  return { weightsBytes, parameters, mainType };
}

async function itemOf(cursor: FileCursor, type: number, depth: number): Promise<HeaderValue | { length: number }> {
  if (type === stringType) return textOf(cursor);
  if (type === arrayType) return arrayOf(cursor, depth + 1);
  const size = fixedBytes[type];
  if (size === undefined) throw new CursorEnd();
  return numberOf(await cursor.bytes(size, 8), type);
}

async function arrayOf(cursor: FileCursor, depth: number): Promise<number[] | { length: number }> {
  const type = await cursor.u32();
  const length = await cursor.u64();
  if (depth > maxDepth) throw new CursorEnd();
  const size = fixedBytes[type];
  if (size === undefined) {
    for (let at = 0; at < length; at += 1) {
      if (type === stringType) cursor.skip(await cursor.u64());
      else await itemOf(cursor, type, depth);
    }
    return { length };
  }
  if (length > maxKeptItems) {
    cursor.skip(length * size);
    return { length };
  }
  const bytes = await cursor.bytes(length * size, maxKeptItems * 8);
  return Array.from({ length }, (_, at) => Number(numberOf(bytes.subarray(at * size, (at + 1) * size), type)));
}

function numberOf(bytes: Buffer, type: number): number | boolean {
  const read: Record<number, () => number | boolean> = {
    0: () => bytes.readUInt8(),
    1: () => bytes.readInt8(),
    2: () => bytes.readUInt16LE(),
    3: () => bytes.readInt16LE(),
    4: () => bytes.readUInt32LE(),
    5: () => bytes.readInt32LE(),
    6: () => bytes.readFloatLE(),
    7: () => bytes.readUInt8() !== 0,
    10: () => Number(bytes.readBigUInt64LE()),
    11: () => Number(bytes.readBigInt64LE()),
    12: () => bytes.readDoubleLE(),
  };
  return read[type]?.() ?? 0;
}

/* Long texts, chat templates for one, are cut: nothing here needs them. */
async function textOf(cursor: FileCursor): Promise<string> {
  const length = await cursor.u64();
  const text = await cursor.bytes(Math.min(length, maxTextBytes), maxTextBytes);
  if (length > maxTextBytes) cursor.skip(length - maxTextBytes);
  return text.toString('utf8');
}

function invalid(path: string, problem: string): AppError {
  return appError('serving.gguf-invalid', { path, problem });
}
