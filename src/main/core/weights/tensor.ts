import type { ConfigFields } from './config-fields.ts';

/** One matrix or table of a model. */
export interface Tensor {
  /** Its name in Hugging Face checkpoints, without `model.layers.<n>.`. */
  name: string;
  layer?: number;
  /** The likely number of values; between `least` and `most` if uncertain. */
  values: number;
  least?: number;
  most?: number;
}

/** A configuration with the derived numbers that a list of tensors needs. */
export interface Shape extends ConfigFields {
  num_hidden_layers: number;
  hidden_size: number;
  num_attention_heads: number;
  headDim: number;
  /** For layers without a number of their own. */
  kvHeads: number;
  /** Whether the kind of model is known; otherwise a feed-forward may lack a gate. */
  isKnown: boolean;
}
