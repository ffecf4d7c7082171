import type { KnownNumbers } from './architecture.ts';
import { batchTokens } from './kv-cache.ts';
import type { Engine } from './quantization.ts';

const mebibyte = 2 ** 20;

/** What one device needs beside weights and KV cache: `compute` grows with the work, `overhead` is there with any model. */
export interface Scratch {
  computeBytes: number;
  overheadBytes: number;
}

/* A CUDA context on each GPU: what Ollama reserves for it. */
const cudaContextBytes = 457 * mebibyte;
/* The process around llama.cpp on the CPU, as measured. */
const processBytes = 190 * mebibyte;
/* vLLM, weights and KV cache apart: about 2 GB a GPU, GitLab's figure for GPT-oss-120B. Its peak follows version and batch several-fold. */
const vllmBytes = 2_000_000_000;
/* llama.cpp's scratch with flash attention where the shape is not known: a few hundred MiB. */
const llamacppBytes = 300 * mebibyte;

/** The scratch of one device. */
export function scratchOf(engine: Engine, kind: 'gpu' | 'memory', contextTokens: number, shape: KnownNumbers): Scratch {
  if (engine === 'vllm') return { computeBytes: vllmBytes - cudaContextBytes, overheadBytes: cudaContextBytes };
  return {
    computeBytes: llamacppCompute(contextTokens, shape),
    overheadBytes: kind === 'gpu' ? cudaContextBytes : processBytes,
  };
}

/**
 * llama.cpp's compute buffer with flash attention: the mask, 2 bytes for each token of the batch and of the context, and the widest
 * of what is alive at a time, 4 bytes each: the logits, five embeddings, three times the feed-forward (measured with small models).
 */
function llamacppCompute(contextTokens: number, { vocabulary, embedding, feedForward }: KnownNumbers): number {
  const mask = 2 * batchTokens * contextTokens;
  if (vocabulary === undefined || embedding === undefined) return mask + llamacppBytes;
  return mask + 4 * batchTokens * Math.max(vocabulary, 5 * embedding, 3 * (feedForward ?? 0));
}

/** How far off the scratch may be (factors): vLLM's peak differs several-fold for one model, llama.cpp's buffer follows the formula. */
export const scratchSpread: Record<Engine, { low: number; high: number }> = {
  vllm: { low: 0.5, high: 3 },
  llamacpp: { low: 0.7, high: 1.6 },
};
