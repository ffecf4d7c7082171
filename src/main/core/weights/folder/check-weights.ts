import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { appError } from '../../../../shared/errors/app-error.ts';
import { fileError } from '../../files/file-error.ts';
import { type JsonLimits, parseJson } from '../../files/parse-json.ts';
import { type GgufHeader, readGgufHeader } from '../read-gguf-header.ts';

/** A file that can be opened: its name in the model's folder, and its place. */
export interface ReadableFile {
  name: string;
  range: { path: string; sizeBytes: number };
}

const maxPointerBytes = 1024;
const pointerStart = 'version https://git-lfs.github.com/spec/';
/** Upper bound of a safetensors header, from its reference implementation. */
const maxSafetensorsHeaderBytes = 100_000_000;
/** A quarter of a million tensors in one file. */
const safetensorsLimits: JsonLimits = { depth: 4, values: 2_000_000 };
const zipEndBytes = 22 + 65_535;

/**
 * Looks for files that no engine can load: cut safetensors and GGUF files, cut PyTorch archives. Returns the headers of GGUF files by
 * name. Throws `pack.unusable-weights`, and as `readGgufHeader`.
 */
export async function checkWeights(files: ReadableFile[]): Promise<Map<string, GgufHeader>> {
  const headers = new Map<string, GgufHeader>();
  for (const file of files) {
    const name = file.name.toLowerCase();
    if (name.endsWith('.safetensors')) await refuseIf(file, safetensorsProblem);
    else if (name.endsWith('.gguf')) headers.set(file.name, await readGgufHeader(file.range.path));
    else if (/\.(bin|pt|pth|ckpt)$/.test(name)) await refuseIf(file, zipProblem);
  }
  return headers;
}

/** Throws `pack.unusable-weights` when a file is a Git LFS pointer instead of the content that it points to. */
export async function refusePointer(file: ReadableFile): Promise<void> {
  const { sizeBytes, path } = file.range;
  if (sizeBytes > maxPointerBytes) return;
  const start = await withFile(path, (handle) => readAt(handle, 0, Math.min(sizeBytes, pointerStart.length)));
  if (start.toString('latin1') === pointerStart) {
    refuse(file, 'it is a Git LFS pointer of a few bytes, not the weights themselves');
  }
}

async function refuseIf(
  file: ReadableFile,
  problem: (handle: FileHandle, sizeBytes: number) => Promise<string | undefined>,
): Promise<void> {
  const { path, sizeBytes } = file.range;
  const reason = sizeBytes === 0 ? 'it is empty' : await withFile(path, (handle) => problem(handle, sizeBytes));
  if (reason) refuse(file, reason);
}

/** Throws `pack.unusable-weights` for a file. */
export function refuse(file: ReadableFile, reason: string, cause?: unknown): never {
  throw appError('pack.unusable-weights', { path: file.range.path, reason }, cause);
}

const safetensorsHeader = z.record(z.string(), z.unknown());
const safetensorsTensor = z.object({ data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]) });

/** https://github.com/huggingface/safetensors: 8 bytes of header length, a JSON header, then exactly the tensors' bytes. */
async function safetensorsProblem(handle: FileHandle, sizeBytes: number): Promise<string | undefined> {
  if (sizeBytes < 8) return `it has ${sizeBytes} bytes, too few for a safetensors header`;
  const headerBytes = Number((await readAt(handle, 0, 8)).readBigUInt64LE());
  if (headerBytes > maxSafetensorsHeaderBytes) return 'it does not begin with a safetensors header';
  if (8 + headerBytes > sizeBytes) return `its header should have ${headerBytes} bytes, and the file ends before`;
  let tensorBytes = 0;
  try {
    const header = safetensorsHeader.parse(parseJson(await readAt(handle, 8, headerBytes), safetensorsLimits));
    for (const [name, tensor] of Object.entries(header)) {
      if (name !== '__metadata__') tensorBytes = Math.max(tensorBytes, safetensorsTensor.parse(tensor).data_offsets[1]);
    }
  } catch {
    return 'its safetensors header is not valid JSON with tensor offsets';
  }
  const wanted = 8 + headerBytes + tensorBytes;
  return wanted === sizeBytes ? undefined : `its header asks for ${wanted} bytes, and the file has ${sizeBytes}`;
}

/** PyTorch's archives are zip files: a whole one has its directory at the end. Old pickles have no such mark and pass. */
async function zipProblem(handle: FileHandle, sizeBytes: number): Promise<string | undefined> {
  if (sizeBytes < 4 || (await readAt(handle, 0, 4)).toString('latin1') !== 'PK\x03\x04') return undefined;
  const tailBytes = Math.min(sizeBytes, zipEndBytes);
  const tail = await readAt(handle, sizeBytes - tailBytes, tailBytes);
  return tail.includes('PK\x05\x06') ? undefined : 'it is a PyTorch archive whose end is missing';
}

async function withFile<T>(path: string, body: (handle: FileHandle) => Promise<T>): Promise<T> {
  try {
    const handle = await open(path, 'r');
    try {
      return await body(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(path, 'read', error, 'A source');
  }
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, offset);
  return buffer.subarray(0, bytesRead);
}
