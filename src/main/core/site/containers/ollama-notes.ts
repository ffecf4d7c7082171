import { bytesText } from '../../../../shared/bytes-text.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { estimateMemory } from '../../../../shared/estimate/estimate-memory.ts';
import { readGgufSize } from '../../weights/gguf-size.ts';

/** Returns what a plan says of Ollama's requests at a time and of the memory that their contexts need. */
export async function ollamaNotes(ggufPath: string, contextTokens: number): Promise<string[]> {
  const cache = await kvCacheBytes(ggufPath, contextTokens);
  const memory = cache === null ? 'unknown' : bytesText(cache);
  return [`one request at a time (OLLAMA_NUM_PARALLEL 1); estimated memory for its ${contextTokens} tokens: ${memory}`];
}

async function kvCacheBytes(path: string, contextTokens: number): Promise<number | null> {
  const size = await readGgufSize(path).catch((error) => {
    if (error instanceof AppError) return null;
    throw error;
  });
  const memory = { name: 'memory', kind: 'memory' as const, capacityBytes: 2 ** 44 };
  const question = { engine: 'llamacpp' as const, contextTokens, concurrency: 1 };
  return size && estimateMemory(size, question, [memory]).kvCacheBytes;
}
