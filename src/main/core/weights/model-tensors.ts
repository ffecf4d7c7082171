import { attentionTensors } from './attention-tensors.ts';
import { feedForwardTensors } from './feed-forward-tensors.ts';
import type { LayerKind } from './layer-kind.ts';
import { stateTensors } from './state-tensors.ts';
import type { Shape, Tensor } from './tensor.ts';

/** Returns all weights of a model's language part; undefined if a number is missing. */
export function modelTensors(shape: Shape, layers: readonly LayerKind[]): Tensor[] | undefined {
  const parts = layers.flatMap((layer, at) => {
    const own = [
      ...(attentionTensors(shape, layer) ?? [undefined]),
      ...(stateTensors(shape, layer) ?? [undefined]),
      ...(feedForwardTensors(shape, layer, at) ?? [undefined]),
      { name: 'input_layernorm', values: 2 * shape.hidden_size },
    ];
    return own.map((one) => one && { ...one, layer: at });
  });
  const tables = tablesOf(shape);
  if (!tables || parts.includes(undefined)) return undefined;
  return [...parts.filter((one) => one !== undefined), ...tables, ...nextTokenTensors(shape, parts, layers.length)];
}

function tablesOf(shape: Shape): Tensor[] | undefined {
  const { vocab_size: vocabulary, hidden_size: hidden, tie_word_embeddings: isTied } = shape;
  if (vocabulary === undefined) return undefined;
  const table = vocabulary * hidden;
  return [
    { name: 'embed_tokens', values: table },
    { name: 'lm_head', values: isTied ? 0 : table, ...(isTied === undefined && { least: 0 }) },
    { name: 'norm', values: hidden },
    ...perLayerEmbeddings(shape),
  ];
}

/** Gemma 3n and 4 E: a table with a small embedding per layer, and its projections. */
function perLayerEmbeddings(shape: Shape): Tensor[] {
  const { hidden_size_per_layer_input: width = 0, hidden_size: hidden, num_hidden_layers: layers } = shape;
  const { vocab_size_per_layer_input: vocabulary = shape.vocab_size ?? 0, altup_num_inputs: altup = 1 } = shape;
  if (width === 0) return [];
  return [
    { name: 'embed_tokens_per_layer', values: vocabulary * width * layers },
    { name: 'per_layer_model_projection', values: hidden * width * layers },
    { name: 'per_layer_projection', values: 2 * hidden * (width + (shape.laurel_rank ?? 0)) * layers },
    { name: 'altup_projections', values: 2 * (altup - 1) * hidden * hidden },
  ];
}

/** Layers for multi-token prediction: files may contain them, engines load them only for speculative decoding. */
function nextTokenTensors(
  { num_nextn_predict_layers: count = 0 }: Shape,
  parts: (Tensor | undefined)[],
  layers: number,
): Tensor[] {
  if (count === 0) return [];
  const last = parts.filter((one) => one?.layer === layers - 1).reduce((sum, one) => sum + (one?.values ?? 0), 0);
  return [{ name: 'mtp', values: 0, most: count * last }];
}
