import type { Architecture } from './architecture.ts';
import type { Engine } from './quantization.ts';

/** Bytes of one value in the KV cache. Block formats carry scales: q8_0 34/32, q5_1 24/32, q5_0 22/32, q4_1 20/32, q4_0 18/32. */
export const kvValueBytes = {
  f32: 4,
  f16: 2,
  bf16: 2,
  fp8: 1,
  q8_0: 34 / 32,
  q5_1: 24 / 32,
  q5_0: 22 / 32,
  q4_1: 20 / 32,
  q4_0: 18 / 32,
} as const;

/** Storage type of keys and values. */
export type KvType = keyof typeof kvValueBytes;

/** All names, for schemas. */
export const kvTypeNames = Object.keys(kvValueBytes) as [KvType, ...KvType[]];

/** The types that each engine supports; the first is the default. */
export const kvTypes: Record<Engine, readonly [KvType, ...KvType[]]> = {
  vllm: ['f16', 'bf16', 'fp8'],
  llamacpp: ['f16', 'bf16', 'f32', 'q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0'],
};

/** What the cache must hold. */
export interface KvNeed {
  engine: Engine;
  kvType: KvType;
  contextTokens: number;
  /** Concurrent requests, each with its own context. */
  sequences: number;
  /** GPUs that share each layer. Heads are split; with fewer heads than GPUs, and with latent attention, each keeps a copy. */
  tensorParallel?: number;
}

/* vLLM allocates blocks of 16 tokens. llama.cpp pads each sequence to 256 cells, and a window to `window + batch` cells (measured). */
const stepTokens: Record<Engine, number> = { vllm: 16, llamacpp: 256 };
/** Tokens that llama.cpp processes in one batch. */
export const batchTokens = 512;

/** Returns the bytes that one more token of a request takes on each GPU, once all windows are full. */
export function kvBytesPerToken(shape: Architecture, need: Pick<KvNeed, 'kvType' | 'tensorParallel'>): number {
  const { full, sliding } = layersOf(shape);
  return full > 0 ? fullBytesPerToken(shape, need, full) : sliding * bytesPerTokenAndLayer(shape, need, 'sliding');
}

/**
 * Returns the bytes of the KV cache on each GPU: `2 x layers x kvHeads x headDim x tokens x bytes` per request. Layers with a window keep
 * only the window, and may have other heads than those without. (Formula of kv-cache-size, llmfit and gguf-parser; the padding is the engine's.)
 */
export function kvCacheBytes(shape: Architecture, need: KvNeed): number {
  const { full, sliding } = layersOf(shape);
  const tokens = padded(need.contextTokens, need.engine);
  const window = shape.slidingWindowTokens ?? need.contextTokens;
  const held = need.engine === 'llamacpp' ? window + batchTokens + 1 : window;
  const growing = tokens * fullBytesPerToken(shape, need, full);
  const windows = Math.min(tokens, padded(held, need.engine)) * bytesPerTokenAndLayer(shape, need, 'sliding');
  return Math.ceil(growing + sliding * windows) * need.sequences;
}

function padded(tokens: number, engine: Engine): number {
  return Math.ceil(tokens / stepTokens[engine]) * stepTokens[engine];
}

/** Of all layers without a window together. */
function fullBytesPerToken(shape: Architecture, need: Pick<KvNeed, 'kvType' | 'tensorParallel'>, full: number): number {
  const { kvHeadsOfLayers: uneven, ...even } = shape;
  const of = (globalKvHeads: number) => bytesPerTokenAndLayer({ ...even, globalKvHeads }, need, 'full');
  if (uneven) return uneven.reduce((sum, heads) => sum + of(heads), 0);
  return full * bytesPerTokenAndLayer(shape, need, 'full');
}

function bytesPerTokenAndLayer(
  shape: Architecture,
  { kvType, tensorParallel = 1 }: Pick<KvNeed, 'kvType' | 'tensorParallel'>,
  kind: 'full' | 'sliding',
) {
  const own = kind === 'full' ? { heads: shape.globalKvHeads, dim: shape.globalHeadDim } : {};
  const heads = Math.ceil((own.heads ?? shape.kvHeads) / tensorParallel);
  const values = shape.latentDim ?? 2 * heads * (own.dim ?? shape.headDim);
  return values * kvValueBytes[kvType];
}

function layersOf(shape: Architecture): { full: number; sliding: number } {
  const keeping = Math.min(shape.kvLayers ?? shape.layers, shape.layers);
  const sliding = shape.slidingWindowTokens === undefined ? 0 : Math.min(shape.slidingLayers ?? 0, keeping);
  return { full: keeping - sliding, sliding };
}
