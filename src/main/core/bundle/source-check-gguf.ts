import type { FileHandle } from 'node:fs/promises';

const firstReadBytes = 4 * 1024 * 1024;
const maxHeaderBytes = 512 * 1024 * 1024;
const maxCount = 10_000_000;

/** Elements and bytes of one block of each tensor type (ggml's `type_traits`); a type that is not listed is not checked. */
const tensorTypes: Record<number, [elements: number, bytes: number]> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  24: [1, 1],
  25: [1, 2],
  26: [1, 4],
  27: [1, 8],
  28: [1, 8],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
  39: [32, 17],
};
/** Bytes of the metadata types of fixed size (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). */
const valueBytes: Record<number, number> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const stringType = 8;
const arrayType = 9;

class HeaderEnds extends Error {}

/** Says what is wrong with a GGUF file of this size: not one, or shorter than its tensors. Versions other than 2 and 3 pass. */
export async function ggufProblem(handle: FileHandle, sizeBytes: number): Promise<string | undefined> {
  for (let length = Math.min(firstReadBytes, sizeBytes); ; length = Math.min(length * 4, sizeBytes)) {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await handle.read(buffer, 0, length, 0);
    const header = buffer.subarray(0, bytesRead);
    if (header.subarray(0, 4).toString('latin1') !== 'GGUF') return 'it does not begin with the mark of a GGUF file';
    try {
      return extentProblem(header, sizeBytes);
    } catch (error) {
      if (!(error instanceof HeaderEnds)) return 'its GGUF header cannot be read';
      if (length >= sizeBytes) return 'it ends within its GGUF header';
      if (length >= maxHeaderBytes) return 'its GGUF header is larger than 512 MiB';
    }
  }
}

function extentProblem(header: Buffer, sizeBytes: number): string | undefined {
  const reader = new HeaderReader(header);
  reader.skip(4);
  const version = reader.uint32();
  if (version !== 2 && version !== 3) return undefined;
  const tensors = reader.count();
  const pairs = reader.count();
  let alignment = 32;
  for (let index = 0; index < pairs; index += 1) {
    const key = reader.text();
    const type = reader.uint32();
    if (key === 'general.alignment' && type === 4) alignment = reader.uint32();
    else reader.skipValue(type);
  }
  let end = 0;
  for (let index = 0; index < tensors; index += 1) end = Math.max(end, reader.tensorEnd());
  const start = Math.ceil(reader.position / alignment) * alignment;
  return start + end <= sizeBytes ? undefined : `its tensors end at byte ${start + end}, and the file has ${sizeBytes}`;
}

class HeaderReader {
  position = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(length: number): number {
    const at = this.position;
    if (at + length > this.#bytes.length) throw new HeaderEnds();
    this.position += length;
    return at;
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.skip(4));
  }

  uint64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.skip(8)));
  }

  count(): number {
    const count = this.uint64();
    if (count > maxCount) throw new RangeError('a count that no model has');
    return count;
  }

  text(): string {
    const length = this.uint64();
    const at = this.skip(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  skipValue(type: number): void {
    if (type === stringType) {
      this.skip(this.uint64());
    } else if (type === arrayType) {
      const inner = this.uint32();
      const count = this.count();
      const size = valueBytes[inner];
      if (size !== undefined) this.skip(size * count);
      else for (let index = 0; index < count; index += 1) this.skipValue(inner);
    } else {
      const size = valueBytes[type];
      if (size === undefined) throw new RangeError('an unknown type of value');
      this.skip(size);
    }
  }

  /** Where the next tensor ends, relative to the start of the tensors' data; its offset alone when its type is unknown. */
  tensorEnd(): number {
    this.skip(this.uint64());
    const dimensions = this.uint32();
    if (dimensions > 8) throw new RangeError('more dimensions than a tensor has');
    let elements = 1;
    for (let index = 0; index < dimensions; index += 1) elements *= this.uint64();
    const [perBlock, blockBytes] = tensorTypes[this.uint32()] ?? [1, 0];
    return this.uint64() + (elements / perBlock) * blockBytes;
  }
}
