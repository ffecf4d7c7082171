import type { LayerKind } from './layer-kind.ts';
import type { Shape, Tensor } from './tensor.ts';

/* Head size of DeepSeek's latent attention if the configuration leaves it out; other models have half or twice that. */
const usualHead = 128;

/** Returns the number and sizes of a layer's heads, which may depend on whether it has a window. */
export function headsOf(shape: Shape, layer: Pick<LayerKind, 'mixer' | 'kvHeads'>) {
  const { num_attention_heads: heads, headDim, v_head_dim: valueDim = headDim } = shape;
  const kvHeads = layer.kvHeads ?? shape.kvHeads;
  if (layer.mixer === 'sliding') {
    const dim = shape.swa_head_dim ?? headDim;
    return {
      heads: shape.swa_num_attention_heads ?? heads,
      kvHeads: layer.kvHeads ?? shape.swa_num_key_value_heads ?? kvHeads,
      dim,
      valueDim: shape.swa_v_head_dim ?? (shape.swa_head_dim === undefined ? valueDim : dim),
    };
  }
  const isOther = shape.global_head_dim !== undefined;
  return {
    heads,
    kvHeads: layer.kvHeads ?? shape.num_global_key_value_heads ?? kvHeads,
    dim: shape.global_head_dim ?? headDim,
    valueDim: isOther ? (shape.global_head_dim ?? headDim) : valueDim,
  };
}

/** Returns the matrices of a layer's attention, or an empty list. */
export function attentionTensors(shape: Shape, layer: LayerKind): Tensor[] | undefined {
  const { hidden_size: hidden } = shape;
  if (layer.mixer === 'linear') return [{ name: 'self_attn.linear_attn', values: hidden * hidden }];
  if (layer.mixer === 'state' || layer.mixer === 'none') return [];
  if (shape.kv_lora_rank !== undefined) return latentTensors(shape, shape.kv_lora_rank);
  const { heads, kvHeads, dim, valueDim } = headsOf(shape, layer);
  const isSameKeyValue = shape.attention_k_eq_v === true && layer.mixer !== 'sliding';
  const keyValues = layer.isShared ? 0 : kvHeads;
  return [
    { name: 'self_attn.q_proj', values: hidden * heads * dim * (shape.attn_output_gate ? 2 : 1) },
    { name: 'self_attn.k_proj', values: hidden * keyValues * dim },
    { name: 'self_attn.v_proj', values: isSameKeyValue ? 0 : hidden * keyValues * valueDim },
    { name: 'self_attn.o_proj', values: hidden * heads * valueDim },
  ];
}

/** Multi-head latent attention (transformers, models/deepseek_v3). */
function latentTensors(shape: Shape, rank: number): Tensor[] {
  const { hidden_size: hidden, num_attention_heads: heads, q_lora_rank: queryRank, qk_rope_head_dim: rope = 0 } = shape;
  const isGiven = shape.qk_nope_head_dim !== undefined && shape.v_head_dim !== undefined;
  const { qk_nope_head_dim: plain = usualHead, v_head_dim: value = usualHead } = shape;
  const queries = heads * (plain + rope);
  const doubt = (values: number) => (isGiven ? { values } : { values, least: values / 2, most: values * 2 });
  return [
    ...(queryRank === undefined
      ? [{ name: 'self_attn.q_proj', ...doubt(hidden * queries) }]
      : [
          { name: 'self_attn.q_a_proj', values: hidden * queryRank },
          { name: 'self_attn.q_b_proj', ...doubt(queryRank * queries) },
        ]),
    { name: 'self_attn.kv_a_proj_with_mqa', values: hidden * (rank + rope) },
    { name: 'self_attn.kv_b_proj', ...doubt(rank * heads * (plain + value)) },
    { name: 'self_attn.o_proj', ...doubt(heads * value * hidden) },
    ...indexTensors(shape, queryRank ?? hidden),
  ];
}

/** The indexer of sparse attention (DeepSeek V3.2). */
function indexTensors(
  { index_head_dim: dim, index_n_heads: heads, hidden_size: hidden }: Shape,
  from: number,
): Tensor[] {
  if (dim === undefined || heads === undefined) return [];
  return [{ name: 'self_attn.indexer', values: from * heads * dim + hidden * (dim + heads) }];
}
