/** A value of GGUF metadata, tagged with its type where JavaScript's types are ambiguous. */
export type GgufValue =
  | string
  | boolean
  | { u32: number }
  | { f32: number }
  | { strings: readonly string[] }
  | { i32s: readonly number[] };

/** A tensor: dimensions fastest first, as GGUF counts them; `data` little-endian, of exactly the size the dimensions need. */
export interface GgufTensor {
  name: string;
  dimensions: readonly number[];
  type: 'f32' | 'f16';
  data: Buffer;
}

const alignmentBytes = 32;
const valueType = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const tensorType = { f32: { id: 0, bytes: 4 }, f16: { id: 1, bytes: 2 } } as const;

/**
 * The bytes of a GGUF version 3 file, tensors aligned to 32 bytes.
 * Layout: the GGUF specification of ggml (header, metadata, tensor infos, padding, tensor data).
 */
export function ggufFile(metadata: Record<string, GgufValue>, tensors: readonly GgufTensor[]): Buffer {
  const entries = Object.entries(metadata);
  const head: Buffer[] = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) head.push(text(key), ...encoded(value));
  let offset = 0;
  const data: Buffer[] = [];
  for (const tensor of tensors) {
    checkSize(tensor);
    const { name, dimensions } = tensor;
    head.push(text(name), u32(dimensions.length), ...dimensions.map(u64), u32(tensorType[tensor.type].id), u64(offset));
    const padded = padding(tensor.data.length);
    data.push(tensor.data, padded);
    offset += tensor.data.length + padded.length;
  }
  const start = Buffer.concat(head);
  return Buffer.concat([start, padding(start.length), ...data]);
}

function encoded(value: GgufValue): Buffer[] {
  if (typeof value === 'string') return [u32(valueType.string), text(value)];
  if (typeof value === 'boolean') return [u32(valueType.bool), Buffer.from([value ? 1 : 0])];
  if ('u32' in value) return [u32(valueType.u32), u32(value.u32)];
  if ('f32' in value) return [u32(valueType.f32), f32(value.f32)];
  const [type, items] =
    'strings' in value
      ? [valueType.string, value.strings.map(text)]
      : [valueType.i32, value.i32s.map((item) => i32(item))];
  return [u32(valueType.array), u32(type), u64(items.length), ...items];
}

function checkSize(tensor: GgufTensor): void {
  const items = tensor.dimensions.reduce((product, size) => product * size, 1);
  const sizeBytes = items * tensorType[tensor.type].bytes;
  if (tensor.data.length !== sizeBytes)
    throw new RangeError(`${tensor.name} needs ${sizeBytes} bytes, not ${tensor.data.length}`);
}

function padding(sizeBytes: number): Buffer {
  return Buffer.alloc((alignmentBytes - (sizeBytes % alignmentBytes)) % alignmentBytes);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

function i32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeInt32LE(value);
  return out;
}

function f32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeFloatLE(value);
  return out;
}

function u64(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(value));
  return out;
}
