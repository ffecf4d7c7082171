/* Synonyms of each key. If a configuration has several, the value counts that takes most memory. */
const aliases: Record<string, readonly string[]> = {
  num_hidden_layers: ['n_layer', 'n_layers', 'num_layers', 'n_layer_text'],
  hidden_size: ['n_embd', 'd_model', 'model_dim', 'n_embed'],
  num_attention_heads: ['n_head', 'n_heads', 'num_heads'],
  num_key_value_heads: ['num_kv_heads', 'n_head_kv', 'n_kv_heads', 'multi_query_group_num', 'num_attention_groups'],
  head_dim: ['attention_head_dim', 'kv_channels', 'head_size'],
  intermediate_size: ['n_inner', 'ffn_dim', 'ffn_hidden_size', 'd_ff', 'block_ff_dim'],
  vocab_size: ['padded_vocab_size', 'n_vocab'],
  max_position_embeddings: [
    'n_positions',
    'n_ctx',
    'seq_length',
    'max_seq_len',
    'max_sequence_length',
    'model_max_length',
  ],
  tie_word_embeddings: ['tie_embedding', 'tie_embeddings'],
  sliding_window: ['sliding_window_size', 'attention_window_size', 'window_size'],
  num_experts: ['num_local_experts', 'n_routed_experts', 'moe_num_experts', 'num_routed_experts', 'n_experts'],
  num_experts_per_tok: [
    'num_experts_per_token',
    'experts_per_token',
    'moe_topk',
    'moe_top_k',
    'moe_k',
    'num_selected_experts',
    'n_activated_experts',
  ],
  moe_intermediate_size: [
    'expert_ffn_hidden_size',
    'moe_ffn_hidden_size',
    'moe_hidden_size',
    'expert_intermediate_size',
  ],
  n_shared_experts: ['num_shared_experts', 'moe_num_shared_experts', 'num_shared_expert'],
  shared_expert_intermediate_size: ['share_expert_dim', 'share_expert_dims', 'shared_intermediate_size'],
  moe_shared_expert_intermediate_size: ['shared_experts_intermediate_size'],
  first_k_dense_replace: ['num_dense_layers', 'n_dense_layers', 'moe_layer_num_skipped'],
  moe_layer_freq: ['moe_layer_frequency'],
  interleave_moe_layer_step: ['interleave_moe_step'],
  moe_layers: ['moe_layers_enum'],
  layer_types: ['layers_block_type', 'block_types', '_block_types'],
  attn_layer_indices: ['full_attn_idxs', 'full_attention_layers', 'attention_layer_indices'],
  mamba_num_heads: ['mamba_n_heads', 'n_mamba_heads'],
  mamba_head_dim: ['mamba_d_head', 'mamba_headdim'],
  ssm_state_size: ['mamba_d_state', 'state_size'],
  expand: ['mamba_expand'],
  conv_kernel: ['mamba_d_conv'],
  n_groups: ['mamba_n_groups', 'mamba_ngroups'],
  mamba_dt_rank: ['time_step_rank'],
  num_nextn_predict_layers: ['mtp_num_hidden_layers', 'num_mtp_layers', 'num_mtp_modules'],
  sliding_window_pattern: ['_sliding_window_pattern', 'global_attn_every_n_layers'],
};

const names = new Map(Object.entries(aliases).flatMap(([name, others]) => others.map((one) => [one, name] as const)));
/* Nested groups that hold such keys: DBRX and MPT, Kimi Linear. */
const groups: Record<string, Record<string, string>> = {
  attn_config: { kv_n_heads: 'num_key_value_heads' },
  ffn_config: { moe_num_experts: 'num_experts', ffn_hidden_size: 'intermediate_size' },
  linear_attn_config: {
    head_dim: 'linear_head_dim',
    num_heads: 'linear_num_heads',
    short_conv_kernel_size: 'linear_conv_kernel_dim',
    full_attn_layers: 'full_attn_layers',
    kda_layers: 'kda_layers',
  },
};

type Fields = Record<string, unknown>;

/** Returns the key that another one is a synonym of; others as they are. */
export function nameOf(key: string): string {
  return names.get(key) ?? key;
}

/** Returns whether a key is a synonym, or a group, of keys that are read. */
export function isOtherName(key: string): boolean {
  return names.has(key) || Object.hasOwn(groups, key);
}

/** Returns the keys that are read in a group; undefined for other groups. */
export function groupKeys(group: string): readonly string[] | undefined {
  return Object.hasOwn(groups, group) ? Object.keys(groups[group] ?? {}) : undefined;
}

/** Returns a configuration with each synonym replaced by its key. */
export function withOneName(data: Fields): Fields {
  const found: Fields = {};
  const put = (name: string, value: unknown) => {
    found[name] = larger(found[name], value);
  };
  for (const [key, value] of Object.entries(data)) put(nameOf(key), value);
  for (const [group, names] of Object.entries(groups))
    for (const [key, value] of Object.entries((data[group] as Fields | null | undefined) ?? {}))
      if (Object.hasOwn(names, key)) put(names[key] ?? key, value);
  return found;
}

function larger(one: unknown, other: unknown): unknown {
  if (one === undefined || one === null) return other;
  if (typeof one === 'number' && typeof other === 'number') return Math.max(one, other);
  return typeof one === 'boolean' && typeof other === 'boolean' ? one && other : one;
}

/* More of these is less memory: more layers without experts, or with a window. */
const moreIsLess = new Set([
  'first_k_dense_replace',
  'moe_layer_freq',
  'interleave_moe_layer_step',
  'sliding_window_pattern',
]);

/** Returns the synonyms that contradict an earlier one, where no value is sure to be the one that takes more memory. */
export function contradictingNames(data: Fields): string[] {
  const told = Object.entries(data).filter(([, value]) => value !== null && value !== undefined);
  return told.flatMap(([key, value], at) => {
    const name = nameOf(key);
    const same = told.slice(0, at).find(([earlier]) => nameOf(earlier) === name)?.[1];
    const isComparable = typeof value !== 'object' && typeof value === typeof same && !moreIsLess.has(name);
    return same === undefined || isComparable || JSON.stringify(same) === JSON.stringify(value) ? [] : [key];
  });
}
