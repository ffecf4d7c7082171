import { configFields } from './config-fields.ts';
import { groupKeys, isOtherName } from './config-names.ts';
import { isFields } from './language-part.ts';

/** Keys of a configuration that are not understood. */
export interface UnreadKeys {
  /** Keys that may determine the size of the weights. */
  weights: string[];
  /** Keys that may determine what layers keep per token. */
  kvCache: string[];
}

const speaks =
  /expert|moe|quant|bits\b|ffn|mlp_|low_?rank|vocab|layer|head|attn|attention|block|group|mamba|ssm|(?:^|_)kv|mla|lora_rank|latent|sparse|window|interleav|pattern|hybrid|period|chunk|recurren|loop|share|(?:^|_)index_|stage|every_|ngram/i;

/* Words in keys that concern scaling, routing, rotation, dropout or initialisation, and change no size. */
const sizeless =
  /dropout|pdrop|layerdrop|softcap|norm|rope|rotary|theta|temperature|jitter|_loss|aux_|scaling|scale|(?<!dim_)multiplier|top_?k|_coef|_coeff|_eps$|_epsilon$|_std$|_init$|_dtype$|_fp32$|_bias$|_act$|_activation$|_func?$|_fn$|_noise$|_kernels?$|_tuning$|_prob$|_(?:alpha|beta)_factor$|routing|^mtp_|gradient|implementation|experts?_(?:per|used)_tok/;

/* Other keys that change no size, in configurations of transformers 5.24.0 and of models with custom code. */
const sizelessKeys = new Set([
  ...['activation_sparsity_pattern', 'attention_chunk_size', 'attention_method', 'attn_impl', 'attn_type'],
  ...['attn_uses_sequence_id', 'block_dim', 'block_size', 'block_use_swiglu', 'chunk_size', 'enable_moe_fp32_combine'],
  ...['full_attn_mod', 'kv_cache_scheme', 'layer_switch', 'mamba_chunk_size', 'mamba_use_mlp', 'max_window_layers'],
  ...[
    'mla_use_nope',
    'mlp_expansion_factor',
    'moe_capacity',
    'moe_gate',
    'moe_k',
    'moe_renormalize',
    'moe_shared_expert_overlap',
  ],
  ...['n_activated_experts', 'n_group', 'num_beam_groups', 'num_expert_group', 'num_expert_groups'],
  ...['num_limited_groups', 'num_ln_in_parallel_attn', 'num_selected_experts', 'order_of_interleaved_layers'],
  ...['parallel_attn', 'pre_allocate_kv_cache', 'qk_head_dim', 'query_pre_attn_scalar', 'shared_expert_sink'],
  ...['shared_expert_combination_strategy', 'shared_moe_mode', 'use_bidirectional_attention', 'use_flash_attn'],
  ...['use_logn_attn', 'use_mixed_mlp_moe', 'use_parallel_block'],
]);

const readable = new Set(Object.keys(configFields.shape));
/* Groups that are read elsewhere or do not concern the language part. */
const otherGroups =
  /^(?:quantization_config|compression_config|rope_\w+|vision_\w+|audio_\w+|speech_\w+|visual_\w+|text_config|llm_config|language_config|thinker_config|talker_config|token2wav_config|code2wav_config|generation_config|task_specific_params|auto_map|id2label|label2id|llama_4_scaling|block_configs|image_\w+|perceiver_config|projector_\w+|embd_layer|img_processor|per_layer_config)$/;

/** Returns the keys that concern experts, layers, heads or attention, have an effective value, and are not understood. */
export function unreadKeys(written: Record<string, unknown>): UnreadKeys {
  const unread = unreadIn(written, undefined, 0);
  return {
    weights: unread,
    kvCache: unread.filter((key) => !/expert|moe/i.test(key)),
  };
}

function unreadIn(data: Record<string, unknown>, group: string | undefined, depth: number): string[] {
  return Object.entries(data).flatMap(([key, value]) => {
    const path = (group === undefined ? key : `${group}.${key}`).slice(0, 200);
    if (saysNothing(value) || isUnderstood(key, group)) return isFields(value) ? inGroup(key, value, depth) : [];
    if (isFields(value) && !speaks.test(key)) return inGroup(key, value, depth);
    return speaks.test(key) ? [path] : [];
  });
}

function inGroup(key: string, value: Record<string, unknown>, depth: number): string[] {
  return otherGroups.test(key) || depth > 3 ? [] : unreadIn(value, key, depth + 1);
}

function isUnderstood(key: string, group: string | undefined): boolean {
  if (group !== undefined && groupKeys(group)?.includes(key)) return true;
  return readable.has(key) || isOtherName(key) || otherGroups.test(key) || sizelessKeys.has(key) || sizeless.test(key);
}

/** Values that are off, zero or empty have no effect. */
function saysNothing(value: unknown): boolean {
  if (value === null || value === false || value === 0 || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isFields(value) && Object.keys(value).length === 0;
}
