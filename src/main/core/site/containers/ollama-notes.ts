import { bytesText } from '../../../../shared/bytes-text.ts';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import { estimateMemory } from '../../../../shared/estimate/estimate-memory.ts';
import type { ModelSize } from '../../../../shared/estimate/model-size.ts';
import { type ModelSite, modelField } from '../../../../shared/model-sites.ts';
import { readGgufSize } from '../../weights/gguf-size.ts';

/**
 * Returns what a plan says of Ollama's requests at a time and of the memory that their contexts need. Throws `site.context-cut` for a
 * context that is longer than the model's: Ollama takes the model's instead and cuts prompts to it.
 */
export async function ollamaNotes(ggufPath: string, site: ModelSite): Promise<string[]> {
  const { name, contextTokens } = site.model;
  const size = await sizeAt(ggufPath);
  const longest = size?.architecture.contextTokens;
  if (longest !== undefined && contextTokens > longest)
    throw appError('site.context-cut', {
      field: modelField(site, 'contextTokens'),
      model: name,
      contextTokens,
      longest,
    });
  const memory = { name: 'memory', kind: 'memory' as const, capacityBytes: 2 ** 44 };
  const question = { engine: 'llamacpp' as const, contextTokens, concurrency: 1 };
  const cache = size ? estimateMemory(size, question, [memory]).kvCacheBytes : null;
  const needed = cache === null ? 'unknown' : bytesText(cache);
  return [`one request at a time (OLLAMA_NUM_PARALLEL 1); estimated memory for its ${contextTokens} tokens: ${needed}`];
}

async function sizeAt(path: string): Promise<ModelSize | null> {
  return readGgufSize(path).catch((error) => {
    if (error instanceof AppError) return null;
    throw error;
  });
}
