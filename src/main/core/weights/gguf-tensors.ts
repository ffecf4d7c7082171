import type { FileCursor } from './file-cursor.ts';
import { ggmlBlocks } from './ggml-types.ts';
import { readText } from './gguf-values.ts';

/** What the list of tensors in a GGUF's header adds up to. */
export interface GgufTensors {
  /** Bytes and values of all tensors, by their types and shapes, and the type that holds the most of them. */
  weightsBytes: number;
  parameters: number;
  mainType: string;
  tensorCount: number;
  /** Where each tensor starts in the file, in order. */
  starts: number[];
  /** Where the last tensor ends in the file. */
  endBytes: number;
}

/** Limits of ggml: GGML_MAX_DIMS, GGML_MAX_NAME. */
const maxDimensions = 4;
const maxNameBytes = 63;
/** More than any model has. */
const maxValues = 2 ** 50;

interface Tensor {
  name: string;
  type: string;
  values: number;
  bytes: number;
  offsetBytes: number;
}

/** Reads the list of tensors; refuses what llama.cpp refuses with the error that `refuse` makes of a problem. */
export async function readTensors(
  cursor: FileCursor,
  count: number,
  alignment: number,
  refuse: (problem: string) => Error,
): Promise<GgufTensors> {
  const names = new Set<string>();
  const byType = new Map<string, number>();
  const sum = { weightsBytes: 0, parameters: 0 };
  const offsets: number[] = [];
  let dataBytes = 0;
  let nextOffsetBytes = 0;
  for (let at = 0; at < count; at += 1) {
    const { name, type, values, bytes, offsetBytes } = await readTensor(cursor, refuse);
    if (names.has(name)) throw refuse(`it has the tensor ${name} twice`);
    if (offsetBytes !== nextOffsetBytes) throw refuse(`the tensor ${name} is not where the one before it ends`);
    names.add(name);
    offsets.push(offsetBytes);
    byType.set(type, (byType.get(type) ?? 0) + bytes);
    sum.weightsBytes += bytes;
    sum.parameters += values;
    dataBytes = offsetBytes + bytes;
    nextOffsetBytes = aligned(dataBytes, alignment);
  }
  const mainType = [...byType].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'f32';
  // A file without tensors, of a vocabulary for example, may end with its header.
  const dataAt = aligned(cursor.at, alignment);
  const endBytes = count === 0 ? cursor.at : dataAt + dataBytes;
  const starts = offsets.map((offset) => dataAt + offset);
  return { ...sum, mainType, tensorCount: count, starts, endBytes };
}

async function readTensor(cursor: FileCursor, refuse: (problem: string) => Error): Promise<Tensor> {
  const name = await readText(cursor);
  if (Buffer.byteLength(name) > maxNameBytes) throw refuse(`a tensor has a name of more than ${maxNameBytes} bytes`);
  const dimensions = await cursor.u32();
  if (dimensions > maxDimensions) throw refuse(`the tensor ${name} claims ${dimensions} dimensions`);
  const shape: number[] = [];
  while (shape.length < dimensions) shape.push(await cursor.u64());
  const type = await cursor.u32();
  const offsetBytes = await cursor.u64();
  const block = ggmlBlocks[type];
  if (!block) throw refuse(`the tensor ${name} is of type ${type}, which this Sealift does not know`);
  const values = shape.reduce((product, length) => product * length, 1);
  if (values > maxValues) throw refuse(`the tensor ${name} claims more values than any model has`);
  if ((shape[0] ?? 1) % block.values !== 0) throw refuse(`the rows of the tensor ${name} do not fit its type`);
  return { name, type: block.name, values, bytes: (values / block.values) * block.bytes, offsetBytes };
}

function aligned(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
