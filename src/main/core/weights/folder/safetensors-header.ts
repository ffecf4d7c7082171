import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { type JsonLimits, parseJson } from '../../files/parse-json.ts';
import { readAt } from './readable-file.ts';

/** Upper bound of a header, from the reference implementation. */
const maxHeaderBytes = 100_000_000;
/** A quarter of a million tensors in one file. */
const limits: JsonLimits = { depth: 4, values: 2_000_000 };

const documentShape = z.record(z.string(), z.unknown());
const count = z.int().nonnegative();
const tensorShape = z.object({ dtype: z.string(), shape: z.array(count), data_offsets: z.tuple([count, count]) });
type Tensor = z.infer<typeof tensorShape>;

/** Bits of one value by type (safetensors/src/tensor.rs); of other types the size is not checked. */
const bits: Record<string, number> = {
  ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8 },
  ...{ I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32, I64: 64, U64: 64, F64: 64, C64: 64 },
};

/**
 * Reads the names of the tensors in a safetensors file, and where they start in it, in order; or returns why its reference implementation refuses the file
 * (https://github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, then exactly the tensors' bytes.
 */
export async function readSafetensors(
  handle: FileHandle,
  sizeBytes: number,
): Promise<{ names: string[]; starts: number[] } | { problem: string }> {
  if (sizeBytes < 8) return { problem: `it has ${sizeBytes} bytes, too few for a safetensors header` };
  const headerBytes = Number((await readAt(handle, 0, 8)).readBigUInt64LE());
  if (headerBytes > maxHeaderBytes) return { problem: 'it does not begin with a safetensors header' };
  if (8 + headerBytes > sizeBytes)
    return { problem: `its header should have ${headerBytes} bytes, and the file ends before` };
  const tensors = tensorsIn(await readAt(handle, 8, headerBytes));
  if (!tensors) return { problem: 'its safetensors header is not valid JSON with tensor offsets' };
  const wanted = 8 + headerBytes + tensors.reduce((end, [, one]) => Math.max(end, one.data_offsets[1]), 0);
  if (wanted !== sizeBytes) return { problem: `its header asks for ${wanted} bytes, and the file has ${sizeBytes}` };
  const placed = tensors.sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  const problem = placeProblem(placed);
  if (problem !== undefined) return { problem };
  const starts = placed.map(([, one]) => 8 + headerBytes + one.data_offsets[0]);
  return { names: placed.map(([name]) => name), starts };
}

function tensorsIn(bytes: Buffer): [string, Tensor][] | undefined {
  try {
    const entries = Object.entries(documentShape.parse(parseJson(bytes, limits)));
    return entries.filter(([name]) => name !== '__metadata__').map(([name, one]) => [name, tensorShape.parse(one)]);
  } catch {
    return undefined;
  }
}

/* Tensors follow each other without a gap, each as long as its type and shape make it. */
function placeProblem(tensors: readonly [string, Tensor][]): string | undefined {
  let at = 0;
  for (const [name, one] of tensors) {
    const [start, end] = one.data_offsets;
    if (start !== at || end < start)
      return `its tensor ${name} is at byte ${start} of the data, and should be at ${at}`;
    at = end;
    const wanted = Math.ceil((one.shape.reduce((product, size) => product * size, 1) * (bits[one.dtype] ?? 0)) / 8);
    if (Object.hasOwn(bits, one.dtype) && wanted !== end - start)
      return `its tensor ${name} has ${end - start} bytes, and its shape asks for ${wanted}`;
  }
  return undefined;
}
