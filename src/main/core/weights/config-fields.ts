import { z } from 'zod';

const count = (limit: number) => z.int().positive().max(limit);
const some = (limit: number) => z.int().nonnegative().max(limit);
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);
const flag = maybe(z.boolean());
const layerList = z.array(some(2048)).max(2048);
const perLayer = (one: z.ZodType<number>) => maybe(z.union([one, z.array(one).max(2048)]));

/** How far positions were stretched beyond what the model was trained for. */
const ropeScaling = z.object({
  rope_type: z.string().max(50).optional(),
  /** Its older name. */
  type: z.string().max(50).optional(),
  factor: z.number().min(1).max(1024).nullish(),
  original_max_position_embeddings: z.number().positive().max(268_435_456).nullish(),
});

/** The fields of a configuration that determine memory; bounds as wide as real models. */
export const configFields = z.object({
  model_type: maybe(z.string().max(100)),
  architectures: maybe(z.array(z.string().max(200)).max(16)).catch(undefined),
  is_encoder_decoder: flag,
  num_hidden_layers: maybe(count(2048)),
  hidden_size: maybe(count(1_048_576)),
  num_attention_heads: maybe(some(4096)),
  num_key_value_heads: perLayer(some(4096)),
  num_key_value_heads_per_layer: maybe(z.array(some(4096)).max(2048)),
  multi_query: flag,
  multi_query_attention: flag,
  new_decoder_architecture: flag,
  head_dim: maybe(count(65_536)),
  max_position_embeddings: maybe(count(268_435_456)),
  vocab_size: maybe(count(16_777_216)),
  intermediate_size: perLayer(count(8_388_608)),
  feed_forward_matrices: maybe(count(3)),
  feed_forward_times: maybe(count(16)),
  hidden_act: maybe(z.string().max(100)),
  mlp_hidden_act: maybe(z.string().max(100)),
  tie_word_embeddings: flag,
  dtype: maybe(z.string().max(50)),
  torch_dtype: maybe(z.string().max(50)),
  rope_scaling: maybe(ropeScaling).catch(undefined),
  rope_parameters: maybe(ropeScaling).catch(undefined),
  // Which layers have which attention.
  layer_types: maybe(z.array(z.string().max(100)).max(2048)),
  hybrid_override_pattern: maybe(z.string().regex(/^[M*E-]{1,2048}$/)),
  attn_layer_period: maybe(count(2048)),
  attn_layer_offset: maybe(some(2048)),
  attn_layer_indices: maybe(layerList),
  full_attention_interval: maybe(count(2048)),
  full_attn_layers: maybe(layerList),
  kda_layers: maybe(layerList),
  attn_type_list: maybe(layerList),
  hybrid_layer_pattern: maybe(layerList),
  layer_group_size: maybe(count(2048)),
  hybrid_layer_ids: maybe(layerList),
  block_configs: maybe(z.array(z.record(z.string(), z.unknown())).max(2048)),
  sliding_window: maybe(some(268_435_456)),
  use_sliding_window: flag,
  max_window_layers: maybe(some(2048)),
  /** A period, or letters: `LLLG` is three layers with a window (local) and one without (EXAONE 4). */
  sliding_window_pattern: z
    .union([count(2048), z.string().regex(/^[LG]{1,64}$/)])
    .optional()
    .catch(undefined),
  num_kv_shared_layers: maybe(some(2048)),
  use_cla: flag,
  cla_share_factor: maybe(count(64)),
  global_head_dim: maybe(count(65_536)),
  num_global_key_value_heads: maybe(count(4096)),
  swa_num_key_value_heads: maybe(count(4096)),
  swa_num_attention_heads: maybe(count(4096)),
  swa_head_dim: maybe(count(65_536)),
  swa_v_head_dim: maybe(count(65_536)),
  attn_output_gate: flag,
  attention_k_eq_v: flag,
  v_head_dim: maybe(count(65_536)),
  // Multi-head latent attention.
  kv_lora_rank: maybe(count(1_048_576)),
  q_lora_rank: maybe(count(1_048_576)),
  qk_rope_head_dim: maybe(some(1_048_576)),
  qk_nope_head_dim: maybe(count(1_048_576)),
  index_head_dim: maybe(count(65_536)),
  index_n_heads: maybe(count(4096)),
  // Experts, and which layers have them.
  num_experts: perLayer(some(65_536)),
  num_experts_per_tok: perLayer(some(65_536)).catch(undefined),
  moe_intermediate_size: perLayer(count(8_388_608)),
  moe_latent_size: maybe(count(1_048_576)),
  n_shared_experts: perLayer(some(4096)),
  shared_expert_intermediate_size: maybe(some(8_388_608)),
  moe_shared_expert_intermediate_size: maybe(some(8_388_608)),
  intermediate_size_mlp: maybe(count(8_388_608)),
  dense_intermediate_size: maybe(count(8_388_608)),
  mlp_layer_types: maybe(z.array(z.string().max(100)).max(2048)),
  moe_layers: maybe(z.union([layerList, z.string().max(20_000)])),
  interleave_moe_layer_step: maybe(some(2048)),
  first_k_dense_replace: maybe(some(2048)),
  moe_layer_freq: maybe(z.union([count(2048), layerList])),
  decoder_sparse_step: maybe(some(2048)),
  mlp_only_layers: maybe(layerList),
  /** Lists exist in ERNIE VL: one value for text, one for images. */
  moe_layer_start_index: maybe(z.union([some(2048), layerList])),
  moe_layer_end_index: maybe(z.union([z.int().min(-1).max(2048), layerList])),
  moe_layer_interval: maybe(count(2048)),
  expert_layer_period: maybe(count(2048)),
  expert_layer_offset: maybe(some(2048)),
  enable_moe_block: flag,
  num_nextn_predict_layers: maybe(some(64)),
  // Layers with a state instead of keys and values.
  mamba_num_heads: maybe(count(65_536)),
  mamba_head_dim: maybe(count(65_536)),
  mamba_d_ssm: maybe(count(1_048_576)),
  ssm_state_size: maybe(count(65_536)),
  expand: maybe(z.number().positive().max(64)),
  conv_kernel: maybe(count(64)),
  n_groups: maybe(count(4096)),
  mamba_dt_rank: maybe(z.union([count(65_536), z.literal('auto')])),
  linear_num_key_heads: maybe(count(4096)),
  linear_num_value_heads: maybe(count(4096)),
  linear_key_head_dim: maybe(count(65_536)),
  linear_value_head_dim: maybe(count(65_536)),
  linear_num_heads: maybe(count(4096)),
  linear_head_dim: maybe(count(65_536)),
  linear_conv_kernel_dim: maybe(count(64)),
  conv_L_cache: maybe(count(64)),
  conv1d_width: maybe(count(64)),
  block_auto_adjust_ff_dim: flag,
  block_ffn_dim_multiplier: maybe(z.number().positive().max(64)),
  block_multiple_of: maybe(count(65_536)),
  lru_width: maybe(count(1_048_576)),
  // Embeddings for each layer.
  hidden_size_per_layer_input: maybe(some(65_536)),
  vocab_size_per_layer_input: maybe(count(16_777_216)),
  use_double_wide_mlp: flag,
  laurel_rank: maybe(count(65_536)),
  altup_num_inputs: maybe(count(64)),
});
export type ConfigFields = z.infer<typeof configFields>;
