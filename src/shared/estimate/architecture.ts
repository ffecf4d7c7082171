import { z } from 'zod';

/* Wide for all models there are, narrow enough that a lying file cannot make absurd sums. */
const count = (limit: number) => z.int().positive().max(limit);

/** The numbers of a model that decide how much memory it takes beside its weights. */
export const architecture = z.object({
  layers: count(2048),
  /** Key-value heads, not attention heads. */
  kvHeads: count(4096),
  /** As published; not always embedding size divided by heads. */
  headDim: count(65_536),
  /** What the model was trained for. */
  contextTokens: count(268_435_456),
  /** Attention heads. */
  heads: count(4096).optional(),
  embedding: count(1_048_576).optional(),
  feedForward: count(8_388_608).optional(),
  vocabulary: count(16_777_216).optional(),
  /** How many of the layers look back only over a window, and how far. */
  slidingLayers: z.int().nonnegative().max(2048).optional(),
  slidingWindowTokens: count(268_435_456).optional(),
  /** Key-value heads and size of a head in the layers without a window, where they differ from those with one. */
  globalKvHeads: count(4096).optional(),
  globalHeadDim: count(65_536).optional(),
  /** How many layers keep keys and values at all; the others of a hybrid keep a state that does not grow. Default: all. */
  kvLayers: z.int().nonnegative().max(2048).optional(),
  /** Multi-head latent attention: values that one layer keeps for one token, `kv_lora_rank + qk_rope_head_dim`, shared by all heads. */
  latentDim: count(1_048_576).optional(),
  /** Of sparse attention: values of an index that each layer keeps beside keys and values. Its memory is not reckoned. */
  indexHeadDim: count(65_536).optional(),
  /** Experts of a mixture. */
  experts: count(65_536).optional(),
});
export type Architecture = z.infer<typeof architecture>;

/** Those of the numbers that somebody told. */
export const knownNumbers = architecture.partial();
export type KnownNumbers = z.infer<typeof knownNumbers>;

/** The numbers without which no KV cache can be reckoned, as people call them. */
const needed = {
  layers: 'number of layers',
  kvHeads: 'number of key-value heads',
  headDim: 'size of a head',
  contextTokens: 'longest context',
} as const;

/** Which of the needed numbers are not known; those of layers with a window only where layers have two shapes. */
export function missingNumbers(shape: KnownNumbers): string[] {
  const always = Object.entries(needed)
    .filter(([key]) => shape[key as keyof Architecture] === undefined)
    .map(([, name]) => name);
  const hasTwoShapes = shape.globalKvHeads !== undefined || shape.globalHeadDim !== undefined;
  const more = [
    hasTwoShapes && shape.slidingLayers === undefined && 'number of layers with a window',
    hasTwoShapes && shape.slidingWindowTokens === undefined && 'size of the window',
    shape.indexHeadDim !== undefined && 'memory of the index beside keys and values',
  ];
  return [...always, ...more.filter((one) => one !== false)];
}

/** Whether a KV cache can be reckoned. */
export function isComplete(shape: KnownNumbers): shape is Architecture {
  return missingNumbers(shape).length === 0;
}
