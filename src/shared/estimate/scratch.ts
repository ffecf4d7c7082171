import type { KnownNumbers } from './architecture.ts';
import { batchTokens } from './kv-cache.ts';
import type { Engine } from './quantization.ts';

const mebibyte = 2 ** 20;

/** Memory that a device needs besides weights and KV cache: `compute` grows with the work, `overhead` is needed for any model. */
export interface Scratch {
  computeBytes: number;
  overheadBytes: number;
}

/* A CUDA context on each GPU: the amount that Ollama reserves. */
const cudaContextBytes = 457 * mebibyte;
/* The process around llama.cpp on the CPU, as measured. */
const processBytes = 190 * mebibyte;
/* vLLM without weights and KV cache: about 2 GB per GPU, GitLab's figure for GPT-oss-120B. Its peak varies several-fold with version and batch size. */
const vllmBytes = 2_000_000_000;
/* llama.cpp's scratch with flash attention if the shape is unknown: a few hundred MiB. */
const llamacppBytes = 300 * mebibyte;

/** Returns the scratch memory of one device. */
export function scratchOf(engine: Engine, kind: 'gpu' | 'memory', contextTokens: number, shape: KnownNumbers): Scratch {
  if (engine === 'vllm') return { computeBytes: vllmBytes - cudaContextBytes, overheadBytes: cudaContextBytes };
  return {
    computeBytes: llamacppCompute(contextTokens, shape),
    overheadBytes: kind === 'gpu' ? cudaContextBytes : processBytes,
  };
}

/**
 * Returns the size of llama.cpp's compute buffer with flash attention: the mask (2 bytes for each token of the batch and of the context),
 * and the largest of what is live at once (4 bytes each): the logits, five embeddings, three times the feed-forward (measured with small models).
 */
function llamacppCompute(contextTokens: number, { vocabulary, embedding, feedForward }: KnownNumbers): number {
  const mask = 2 * batchTokens * contextTokens;
  if (vocabulary === undefined || embedding === undefined) return mask + llamacppBytes;
  return mask + 4 * batchTokens * Math.max(vocabulary, 5 * embedding, 3 * (feedForward ?? 0));
}

/** Uncertainty of the scratch memory as factors: vLLM's peak varies several-fold for one model, llama.cpp's buffer follows the formula. */
export const scratchSpread: Record<Engine, { low: number; high: number }> = {
  vllm: { low: 0.5, high: 3 },
  llamacpp: { low: 0.7, high: 1.6 },
};
