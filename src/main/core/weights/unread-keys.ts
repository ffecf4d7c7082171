import { configFields } from './config-fields.ts';
import { groupKeys, isOtherName, nameOf } from './config-names.ts';
import { type Fields, isFields, isNest, isSense, type LanguagePart } from './language-part.ts';

/** Keys of a configuration that are not understood. */
export interface UnreadKeys {
  /** Keys that may determine the size of the weights. */
  weights: string[];
  /** Keys that may determine what layers keep per token. */
  kvCache: string[];
}

const speaks =
  /expert|moe|quant|(?:^|_|n|w|\d)bits?(?:_|$)|precision|compress|ffn|mlp_|low_?rank|vocab|layer|head|attn|attention|block|group|mamba|ssm|(?:^|_)kv|mla|lora_rank|latent|sparse|window|interleav|pattern|hybrid|period|chunk|recurren|loop|share|(?:^|_)index_|stage|every_|ngram/i;
/* What outweighs whatever else a key says: outside the language part, in a group of its own, or beside a word that concerns no size. */
const outweighs = /expert|moe|quant|(?:^|_|n|w|\d)bits?(?:_|$)/i;

/* Words in keys that concern scaling, routing, rotation, dropout or initialisation, and change no size. */
const sizeless =
  /dropout|pdrop|layerdrop|softcap|norm(?!al_)|(?:^|_)rope(?:_|$)|rotary|theta|temperature|jitter|_loss|aux_|scaling|scale|(?<!dim_)multiplier|top_?k|_coef|_coeff|_eps$|_epsilon$|_std$|_init$|_dtype$|_fp32$|_bias$|_act$|_activation$|_func?$|_fn$|_noise$|_kernels?$|_tuning$|_prob$|_(?:alpha|beta)_factor$|routing|gradient|implementation/;
/* Words of keys that count something, whatever it is that they scale, route or rotate. */
const counts =
  /(?:^|_)(?:num|n|counts?|total|number|sizes?|width|dims?|rank|bits?|experts|heads|layers|blocks|groups)(?:_|$)/;

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
  ...['index_topk_blocks', 'no_rope_layers', 'rope_scaling_layers', 'top_k_experts'],
  ...['use_logn_attn', 'use_mixed_mlp_moe', 'use_parallel_block'],
]);

const readable = new Set(Object.keys(configFields.shape));
/* Groups that are read elsewhere or do not concern the language part, and keys that say something about such a group. */
const otherGroups =
  /^(?:quantization_config|compression_config|rope_\w+|vision_\w+|audio_\w+|speech_\w+|visual_\w+|video_\w+|sound_\w+|text_config|llm_config|language_config|thinker_config|talker_config|token2wav_config|code2wav_config|generation_config|task_specific_params|auto_map|id2label|label2id|llama_4_scaling|block_configs|image_\w+|perceiver_config|projector_\w+|embd_layer|img_processor|per_layer_config)$/;

/** Returns the keys that concern experts, layers, heads or attention, have an effective value, and are not understood. */
export function unreadKeys(part: LanguagePart): UnreadKeys {
  const { written, fields } = part;
  const layers = Number(fields.num_hidden_layers);
  const doesSpeak = (key: string, value: unknown) => speaks.test(key) || isPerLayer(value, layers);
  const unread = [...unreadIn(written, doesSpeak), ...unreadAround(part)];
  return {
    weights: unread,
    kvCache: unread.filter((key) => !/expert|moe/i.test(key)),
  };
}

/** A value for each layer differs between layers, whatever its key is called. */
function isPerLayer(value: unknown, layers: number): boolean {
  return Array.isArray(value) && value.length === layers && layers > 4;
}

type Speaks = (key: string, value: unknown) => boolean;

function unreadIn(data: Fields, doesSpeak: Speaks, group?: string, depth = 0): string[] {
  return Object.entries(data).flatMap(([key, value]) => {
    const path = (group === undefined ? key : `${group}.${key}`).slice(0, 200);
    const isGroup = isFields(value);
    const inside = () => (isGroup ? inGroup(key, value, doesSpeak, depth) : []);
    if (saysNothing(value) || isUnderstood(key, group)) return inside();
    return doesSpeak(key, value) ? [path] : inside();
  });
}

function inGroup(key: string, value: Fields, doesSpeak: Speaks, depth: number): string[] {
  if (depth > 3) return [];
  const isOther = otherGroups.test(key);
  // The size of an encoder is known without experts, and only then.
  if (isOther && !isSense(key)) return [];
  return unreadIn(value, isOther ? (inner) => /expert|moe/i.test(inner) : doesSpeak, key, depth + 1);
}

/** What stands around a language part that is nested: another one, what contradicts it, and experts or a quantisation of the whole. */
function unreadAround({ around, fields }: LanguagePart): string[] {
  return Object.entries(around).flatMap(([key, value]) => {
    if (isNest(key)) return isFields(value) ? [`${key} (a second language part)`] : [];
    const name = nameOf(key);
    if (readable.has(name) && name !== 'vocab_size')
      return speaks.test(name) && !saysNothing(value) && JSON.stringify(value) !== JSON.stringify(fields[name])
        ? [`${key} (other than in the language part)`]
        : [];
    return unreadIn({ [key]: value }, (inner) => outweighs.test(inner));
  });
}

function isUnderstood(key: string, group: string | undefined): boolean {
  if (/^(?:quantization|compression)_config$/.test(key)) return true;
  if (otherGroups.test(key)) return !outweighs.test(key);
  const isSizeless = sizeless.test(key) && !counts.test(key) && !/quant/i.test(key);
  if (isSizeless || sizelessKeys.has(key) || key.startsWith('mtp_')) return true;
  // A key that is read has its meaning in its own place only.
  return group === undefined ? readable.has(key) || isOtherName(key) : groupKeys(group)?.includes(key) === true;
}

/** Values that are off, zero or empty have no effect. */
function saysNothing(value: unknown): boolean {
  if (value === null || value === false || value === 0 || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isFields(value) && Object.keys(value).length === 0;
}
