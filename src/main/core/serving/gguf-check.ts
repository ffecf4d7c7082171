import { open, stat } from 'node:fs/promises';
import type { GgufFileInfo } from 'node-llama-cpp';
import { appError } from '../../../shared/errors/app-error.ts';
import { fileError } from '../files/file-error.ts';
import type { LlamaLibrary } from './llama-library.ts';

/** A file whose header is that of a readable GGUF. */
export interface CheckedGguf {
  info: GgufFileInfo;
  sizeBytes: number;
}

// More than any real model has by far; a damaged header claims anything.
const maxEntries = 1_000_000;
// LLAMA_MAX_LAYERS of llama.cpp, which ends its process when a header claims more.
const maxLayers = 512;

/**
 * Reads the header of a GGUF without native code and checks that the file is long enough for its tensors to begin.
 * Throws `file.missing`, `file.denied`, `serving.gguf-invalid` or `serving.gguf-version`.
 */
export async function checkGguf(library: LlamaLibrary, path: string): Promise<CheckedGguf> {
  const sizeBytes = await checkGgufHead(path);
  const info = await library
    .readGgufFileInfo(path, { sourceType: 'filesystem', logWarnings: false })
    .catch((cause: unknown) => {
      throw appError('serving.gguf-invalid', { path, problem: 'its header is cut off or damaged' }, cause);
    });
  const layers = Number(info.architectureMetadata.block_count ?? 0);
  if (layers > maxLayers)
    throw appError('serving.gguf-invalid', { path, problem: `its header claims ${layers} layers` });
  const lastStart = Math.max(0, ...(info.fullTensorInfo ?? []).map((tensor) => Number(tensor.fileOffset)));
  if (lastStart >= sizeBytes) {
    const problem = `it ends after ${sizeBytes} bytes, before its last tensor at byte ${lastStart}`;
    throw appError('serving.gguf-invalid', { path, problem });
  }
  return { info, sizeBytes };
}

/** Checks the first bytes of a GGUF and gives the size of the file. Throws as `checkGguf`. */
export async function checkGgufHead(path: string): Promise<number> {
  const facts = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw fileError(path, 'read', cause, 'The model file');
  });
  if (!facts.isFile()) throw appError('serving.gguf-invalid', { path, problem: 'it is not a file' });
  const head = await readHead(path);
  if (head.length < 24) throw appError('serving.gguf-invalid', { path, problem: `it has only ${facts.size} bytes` });
  if (head.toString('latin1', 0, 4) !== 'GGUF')
    throw appError('serving.gguf-invalid', { path, problem: 'it does not begin with "GGUF"' });
  const version = head.readUInt32LE(4);
  if (version < 2 || version > 3) throw appError('serving.gguf-version', { path, version, known: '2 and 3' });
  if (head.readBigUInt64LE(8) > maxEntries || head.readBigUInt64LE(16) > maxEntries)
    throw appError('serving.gguf-invalid', { path, problem: 'its header claims more than a million entries' });
  return facts.size;
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw fileError(path, 'read', cause, 'The model file');
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(24), 0, 24, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
