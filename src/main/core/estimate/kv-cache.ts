import { bytesPerParameter } from './weights.ts';

/** The numbers of a model that decide the size of its KV cache. */
export interface KvShape {
  layers: number;
  /** Key-value heads, not attention heads. */
  kvHeads: number;
  /** As published; not always hidden size divided by heads. */
  headDim: number;
  /** How many of the layers look back only over a window, and how far. */
  slidingLayers?: number | undefined;
  slidingWindowTokens?: number | undefined;
}

/** Precisions of a KV cache. q8_0 and q4_0 carry block scales: 34/32 and 18/32 bytes (as llama.cpp stores them). */
export type KvPrecision = 'f16' | 'bf16' | 'fp8' | 'q8_0' | 'q4_0';

/** Bytes that one more token takes in one layer: keys and values, `2 x kvHeads x headDim x bytes`. */
function bytesPerTokenAndLayer(shape: KvShape, precision: KvPrecision): number {
  return 2 * shape.kvHeads * shape.headDim * bytesPerParameter[precision];
}

/** Bytes that one more token takes once all windows are full: layers with a window no longer grow. */
export function kvCacheBytesPerToken(shape: KvShape, precision: KvPrecision = 'f16'): number {
  return (shape.layers - windowed(shape)) * bytesPerTokenAndLayer(shape, precision);
}

/**
 * Bytes of the KV cache: `2 x layers x kvHeads x headDim x tokens x bytes` for each sequence; layers with a sliding window hold
 * at most the window. (The formula of kv-cache-size, llmfit and gguf-parser.)
 */
export function kvCacheBytes(shape: KvShape, tokens: number, sequences = 1, precision: KvPrecision = 'f16'): number {
  const sliding = windowed(shape);
  const held = (shape.layers - sliding) * tokens + sliding * Math.min(tokens, shape.slidingWindowTokens ?? tokens);
  return Math.ceil(held * bytesPerTokenAndLayer(shape, precision)) * sequences;
}

function windowed(shape: KvShape): number {
  return shape.slidingWindowTokens === undefined ? 0 : Math.min(shape.slidingLayers ?? 0, shape.layers);
}
