import { z } from 'zod';

/* Wide enough for all existing models, narrow enough that a hostile file cannot produce absurd sums. */
const count = (limit: number) => z.int().positive().max(limit);

/** The numbers of a model that determine how much memory it needs besides its weights. */
export const architecture = z.object({
  layers: count(2048),
  /** Key-value heads, not attention heads. */
  kvHeads: count(4096),
  /** As published; not always the embedding size divided by the number of heads. */
  headDim: count(65_536),
  /** The longest context that the model was trained for. */
  contextTokens: count(268_435_456),
  /** Attention heads. */
  heads: count(4096).optional(),
  embedding: count(1_048_576).optional(),
  feedForward: count(8_388_608).optional(),
  vocabulary: count(16_777_216).optional(),
  /** How many layers attend only to a window, and the size of that window. */
  slidingLayers: z.int().nonnegative().max(2048).optional(),
  slidingWindowTokens: count(268_435_456).optional(),
  /** Key-value heads and head size of the layers without a window, if they differ from those with one. */
  globalKvHeads: count(4096).optional(),
  globalHeadDim: count(65_536).optional(),
  /** How many layers keep keys and values; the others in a hybrid keep a state of constant size. Default: all. */
  kvLayers: z.int().nonnegative().max(2048).optional(),
  /** Multi-head latent attention: values that a layer keeps per token, `kv_lora_rank + qk_rope_head_dim`, shared by all heads. */
  latentDim: count(1_048_576).optional(),
  /** Sparse attention: index values that each layer keeps in addition to keys and values. Their memory is not estimated. */
  indexHeadDim: count(65_536).optional(),
  /** Key-value heads of each layer without a window, if they differ between layers. */
  kvHeadsOfLayers: z.array(count(4096)).max(2048).optional(),
  /** Bytes that the layers without keys and values keep for one request of any length. */
  stateBytes: z
    .int()
    .nonnegative()
    .max(2 ** 50)
    .optional(),
  /** Keys of a configuration that concern layers and attention and are not understood; the KV cache is unknown then. */
  unread: z.array(z.string().max(300)).max(100).optional(),
  /** Number of experts in a mixture. */
  experts: count(65_536).optional(),
});
export type Architecture = z.infer<typeof architecture>;

/** The numbers that are known. */
export const knownNumbers = architecture.partial();
export type KnownNumbers = z.infer<typeof knownNumbers>;

/** Names of the numbers that are required to estimate the KV cache. */
const needed = {
  layers: 'number of layers',
  kvHeads: 'number of key-value heads',
  headDim: 'head size',
  contextTokens: 'maximum context',
} as const;

/** Returns the names of the required numbers that are unknown. Those about windows are required only if layers have two shapes. */
export function missingNumbers(shape: KnownNumbers): string[] {
  const always = Object.entries(needed)
    .filter(([key]) => shape[key as keyof Architecture] === undefined)
    .map(([, name]) => name);
  const hasTwoShapes = shape.globalKvHeads !== undefined || shape.globalHeadDim !== undefined;
  const more = [
    hasTwoShapes && shape.slidingLayers === undefined && 'number of layers with a window',
    hasTwoShapes && shape.slidingWindowTokens === undefined && 'size of the window',
    shape.indexHeadDim !== undefined && 'memory of the index next to keys and values',
    ...(shape.unread ?? []).map((key) => `the meaning of ${key} in its configuration`),
  ];
  return [...always, ...more.filter((one) => one !== false)];
}

/** Returns whether the KV cache can be estimated. */
export function isComplete(shape: KnownNumbers): shape is Architecture {
  return missingNumbers(shape).length === 0;
}
