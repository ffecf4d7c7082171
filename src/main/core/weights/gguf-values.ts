import { CursorEnd, type FileCursor } from './file-cursor.ts';

/** A value of the header; arrays only when they are short and of numbers, one for each layer. */
export type HeaderValue = string | number | boolean | number[];

/** The number of the type of a 32-bit unsigned integer. */
export const u32Type = 4;

const maxTextBytes = 65_536;
const maxKeptItems = 2048;
const stringType = 8;
const arrayType = 9;

/** Bytes of the types of fixed size, and how one is read (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). */
const fixedTypes: Record<number, { bytes: number; read: (from: Buffer) => number | boolean }> = {
  0: { bytes: 1, read: (from) => from.readUInt8() },
  1: { bytes: 1, read: (from) => from.readInt8() },
  2: { bytes: 2, read: (from) => from.readUInt16LE() },
  3: { bytes: 2, read: (from) => from.readInt16LE() },
  [u32Type]: { bytes: 4, read: (from) => from.readUInt32LE() },
  5: { bytes: 4, read: (from) => from.readInt32LE() },
  6: { bytes: 4, read: (from) => from.readFloatLE() },
  7: { bytes: 1, read: (from) => from.readUInt8() !== 0 },
  10: { bytes: 8, read: (from) => Number(from.readBigUInt64LE()) },
  11: { bytes: 8, read: (from) => Number(from.readBigInt64LE()) },
  12: { bytes: 8, read: (from) => from.readDoubleLE() },
};

/** Reads a value of a type. Of a long array, or one of strings, only the length is returned. Throws `CursorEnd` for unknown types. */
export async function readValue(cursor: FileCursor, type: number): Promise<HeaderValue | { length: number }> {
  if (type === stringType) return readText(cursor);
  if (type === arrayType) return readArray(cursor);
  const fixed = fixedTypes[type];
  if (!fixed) throw new CursorEnd();
  return fixed.read(await cursor.bytes(fixed.bytes, 8));
}

/** Reads a text. Long ones, chat templates for example, are cut: nothing here needs them. */
export async function readText(cursor: FileCursor): Promise<string> {
  const length = await cursor.u64();
  const text = await cursor.bytes(Math.min(length, maxTextBytes), maxTextBytes);
  if (length > maxTextBytes) cursor.skip(length - maxTextBytes);
  return text.toString('utf8');
}

async function readArray(cursor: FileCursor): Promise<number[] | { length: number }> {
  const type = await cursor.u32();
  const length = await cursor.u64();
  if (type === stringType) {
    for (let at = 0; at < length; at += 1) cursor.skip(await cursor.u64());
    return { length };
  }
  const fixed = fixedTypes[type];
  // llama.cpp reads no arrays of arrays either.
  if (!fixed) throw new CursorEnd();
  if (length > maxKeptItems) {
    cursor.skip(length * fixed.bytes);
    return { length };
  }
  const bytes = await cursor.bytes(length * fixed.bytes, maxKeptItems * 8);
  return Array.from({ length }, (_, at) => Number(fixed.read(bytes.subarray(at * fixed.bytes))));
}
