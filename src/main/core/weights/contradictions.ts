import type { ConfigFields } from './config-fields.ts';

/** Returns whether a model may have attention; pure Mamba has none. */
export function hasAttention({ model_type: kind = '' }: ConfigFields): boolean {
  return !/^(?:falcon_)?mamba2?$/.test(kind);
}

/** Returns the contradictions in a configuration, and the required fields that it lacks without naming a kind of model. */
export function contradictions(data: ConfigFields): string[] {
  const { num_attention_heads: heads, num_key_value_heads: kvHeads, hidden_size: hidden, layer_types: types } = data;
  const { num_hidden_layers: layers, num_kv_shared_layers: shared = 0 } = data;
  const isLatent = data.kv_lora_rank !== undefined;
  const isDivided = !heads || hidden === undefined || hidden % heads === 0;
  return [
    ...(data.model_type === undefined ? missing(data) : []),
    heads === 0 && hasAttention(data) ? 'num_attention_heads: give more than 0' : false,
    !isLatent && heads && typeof kvHeads === 'number' && kvHeads > 0 && heads % kvHeads !== 0
      ? `num_key_value_heads: ${kvHeads} does not divide num_attention_heads ${heads}`
      : false,
    data.head_dim === undefined && !isLatent && hasAttention(data) && !isDivided
      ? `head_dim: is missing, and hidden_size ${hidden} is no multiple of num_attention_heads ${heads}`
      : false,
    types && layers !== undefined && types.length !== layers && data.model_type !== 'recurrent_gemma'
      ? `layer_types: has ${types.length} entries for ${layers} layers`
      : false,
    data.hybrid_override_pattern && layers !== undefined && data.hybrid_override_pattern.length !== layers
      ? `hybrid_override_pattern: has ${data.hybrid_override_pattern.length} letters for ${layers} layers`
      : false,
    layers !== undefined && shared > 0 && shared >= layers
      ? `num_kv_shared_layers: ${shared} leaves none of ${layers} layers with keys and values of its own`
      : false,
    Array.isArray(kvHeads) && layers !== undefined && kvHeads.length !== layers
      ? `num_key_value_heads: has ${kvHeads.length} entries for ${layers} layers`
      : false,
    isLatent && data.qk_rope_head_dim === undefined ? 'qk_rope_head_dim: is missing beside kv_lora_rank' : false,
  ].filter((one) => typeof one === 'string');
}

function missing(data: ConfigFields): string[] {
  const needed = ['num_hidden_layers', 'hidden_size', 'num_attention_heads'] as const;
  return needed.filter((one) => data[one] === undefined).map((one) => `${one}: is missing`);
}
