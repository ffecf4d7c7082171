type Fields = Record<string, unknown>;

/* Mistral's key names and Hugging Face's (vLLM, transformers_utils/configs/mistral.py). */
const names: Record<string, string> = {
  dim: 'hidden_size',
  hidden_dim: 'intermediate_size',
  n_layers: 'num_hidden_layers',
  n_heads: 'num_attention_heads',
  n_kv_heads: 'num_key_value_heads',
  norm_eps: 'rms_norm_eps',
  tied_embeddings: 'tie_word_embeddings',
  max_seq_len: 'max_position_embeddings',
};
const expertNames: Record<string, string> = {
  num_experts: 'n_routed_experts',
  num_experts_per_tok: 'num_experts_per_tok',
  expert_hidden_dim: 'moe_intermediate_size',
  num_shared_experts: 'n_shared_experts',
  route_every_n: 'moe_layer_freq',
  first_k_dense_replace: 'first_k_dense_replace',
  routed_scale: 'routed_scaling_factor',
  num_expert_groups: 'n_group',
  num_expert_groups_per_tok: 'topk_group',
};
/* vLLM's defaults. */
const usual = { tie_word_embeddings: false, max_position_embeddings: 128_000 };

/** Returns whether these are the fields of Mistral's `params.json`. */
export function isMistralParams(data: Fields): boolean {
  return data.dim !== undefined && data.n_layers !== undefined && data.hidden_size === undefined;
}

/** Renames fields to Hugging Face's keys; fields without a counterpart keep their names. */
export function fromMistralParams(data: Fields): Fields {
  const { moe, quantization, vision_encoder, multimodal, yarn, vocab_size, ...rest } = data;
  const vision = vision_encoder ?? fieldsIn(fieldsIn(multimodal).vision_encoder_args);
  const { vision_encoder_args: _vision, ...otherSenses } = fieldsIn(multimodal);
  return {
    ...usual,
    ...renamed(rest, names),
    ...windowsOf(rest),
    // In Meta's files -1 means that the tokenizer decides.
    ...(vocab_size !== -1 && { vocab_size }),
    ...renamed(fieldsIn(moe), expertNames),
    model_type: data.model_type === 'mamba' ? 'mamba2' : moe || data.kv_lora_rank ? 'mistral_moe' : 'mistral_params',
    ...(isFilled(quantization) && { quantization_config: quantizationOf(fieldsIn(quantization)) }),
    ...(isFilled(yarn) && { rope_scaling: { rope_type: 'yarn', ...fieldsIn(yarn) } }),
    ...(isFilled(vision) && { vision_config: { model_type: 'pixtral', ...renamed(fieldsIn(vision), names) } }),
    ...(isFilled(otherSenses) && { audio_config: otherSenses }),
  };
}

function quantizationOf(given: Fields): Fields {
  if (given.qformat_weight === 'fp8_e4m3') return { quant_method: 'fp8' };
  return typeof given.quant_method === 'string' ? given : { ...given, quant_method: String(given.qformat_weight) };
}

/** A list of windows repeats over the layers; null means full attention. */
function windowsOf({ sliding_window: given, n_layers: layers }: Fields): Fields {
  if (!Array.isArray(given) || given.length === 0 || typeof layers !== 'number') return {};
  const kind = (at: number) => (given[at % given.length] === null ? 'full_attention' : 'sliding_attention');
  return {
    sliding_window: given.find((one) => one !== null),
    layer_types: Array.from({ length: Math.min(layers, 2048) }, (_, at) => kind(at)),
  };
}

function renamed(data: Fields, table: Record<string, string>): Fields {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [Object.hasOwn(table, key) ? (table[key] ?? key) : key, value]),
  );
}

function fieldsIn(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};
}

function isFilled(value: unknown): boolean {
  return Object.keys(fieldsIn(value)).length > 0;
}
