import type { GgufFileInfo } from 'node-llama-cpp';
import { appError } from '../../../../shared/errors/app-error.ts';
import { servedGgufAt } from '../../weights/folder/model-at-path.ts';
import { readGgufHeader } from '../../weights/read-gguf-header.ts';
import type { LlamaLibrary } from './llama-library.ts';

/** A file whose header is that of a readable GGUF. */
export interface CheckedGguf {
  info: GgufFileInfo;
  sizeBytes: number;
}

/**
 * Checks a GGUF and its other parts as every door does, then reads its header without native code, in the form that the engine takes.
 * Throws `file.missing`, `file.denied`, `serving.gguf-invalid` or `serving.gguf-version`.
 */
export async function checkGguf(library: LlamaLibrary, path: string): Promise<CheckedGguf> {
  const served = await servedGgufAt(path);
  const { sizeBytes } = await readGgufHeader(served);
  const info = await library
    .readGgufFileInfo(served, { sourceType: 'filesystem', logWarnings: false })
    .catch((cause: unknown) => {
      throw appError('serving.gguf-invalid', { path: served, problem: 'its header is cut off or damaged' }, cause);
    });
  return { info, sizeBytes };
}
