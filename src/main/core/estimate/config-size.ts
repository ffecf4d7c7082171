import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Architecture, KnownNumbers } from '../../../shared/estimate/architecture.ts';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';
import { weightsBytesOf } from '../../../shared/estimate/quantization.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { readNamed } from '../files/read-bounded.ts';
import { quantizationConfig, quantizationOf } from './config-quantization.ts';
import { slidingLayersOf } from './sliding-layers.ts';
import { visionConfig, visionOf } from './vision-size.ts';

const limitBytes = 1024 * 1024;
const count = (limit: number) => z.int().positive().max(limit);
/* 0: a dense model of a kind that may have some (Granite 4). */
const experts = z.int().nonnegative().max(65_536);
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

/** How far positions were stretched beyond what the model was trained for. */
const ropeScaling = z.object({
  rope_type: z.string().max(50).optional(),
  /** Its older name. */
  type: z.string().max(50).optional(),
  factor: z.number().min(1).max(1024).nullish(),
  original_max_position_embeddings: z.number().positive().max(268_435_456).nullish(),
});

/** The numbers of a `config.json` that decide memory; bounds as wide as real models. */
const config = z.object({
  model_type: maybe(z.string().max(100)),
  num_hidden_layers: count(2048),
  hidden_size: count(1_048_576),
  num_attention_heads: count(4096),
  num_key_value_heads: maybe(count(4096)),
  head_dim: maybe(count(65_536)),
  max_position_embeddings: maybe(count(268_435_456)),
  vocab_size: maybe(count(16_777_216)),
  intermediate_size: maybe(count(8_388_608)),
  moe_intermediate_size: maybe(count(8_388_608)),
  num_local_experts: maybe(experts),
  num_experts: maybe(experts),
  n_routed_experts: maybe(experts),
  sliding_window: maybe(count(268_435_456)),
  use_sliding_window: maybe(z.boolean()),
  /** A period, or letters: `LLLG` is three layers with a window (local) and one without (EXAONE 4). */
  sliding_window_pattern: z
    .union([count(2048), z.string().regex(/^[LG]{1,64}$/)])
    .optional()
    .catch(undefined),
  layer_types: maybe(z.array(z.string().max(100)).max(2048)),
  rope_scaling: maybe(ropeScaling).catch(undefined),
  rope_parameters: maybe(ropeScaling).catch(undefined),
  kv_lora_rank: maybe(count(1_048_576)),
  qk_rope_head_dim: maybe(count(1_048_576)),
  tie_word_embeddings: maybe(z.boolean()),
  dtype: maybe(z.string().max(50)),
  torch_dtype: maybe(z.string().max(50)),
  global_head_dim: maybe(count(65_536)),
  num_global_key_value_heads: maybe(count(4096)),
  quantization_config: maybe(quantizationConfig),
  vision_config: visionConfig.optional().catch(undefined),
});
type Config = z.infer<typeof config>;
type Shape = KnownNumbers & Pick<Architecture, 'layers' | 'kvHeads' | 'headDim'>;

/**
 * What a `config.json` says of the size of its model; the parameters are worked out. Throws `file.*`, and `estimate.config-invalid`
 * naming each field that is missing, out of bounds or at odds with another.
 */
export async function readConfigSize(path: string): Promise<ModelSize> {
  const bytes = await readNamed(path, limitBytes, 'The configuration of the model');
  const parsed = config.safeParse(innerOf(parse(path, bytes.toString('utf8'))));
  if (!parsed.success)
    throw appError('estimate.config-invalid', { path, issues: issueLines(parsed.error).slice(0, 8) });
  const issues = contradictions(parsed.data);
  if (issues.length > 0) throw appError('estimate.config-invalid', { path, issues });
  return sizeOf(parsed.data, basename(dirname(path)) || 'model');
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw appError('estimate.config-invalid', { path, issues: ['it is not JSON'] }, error);
  }
}

/** Models that also see or hear keep the numbers of their language part in `text_config`, the format of their weights outside of it. */
function innerOf(data: unknown): unknown {
  const inner = (data as { text_config?: unknown } | null)?.text_config;
  return inner && typeof inner === 'object' ? { ...(data as object), ...inner } : data;
}

function contradictions(data: Config): string[] {
  const { num_attention_heads: heads, num_key_value_heads: kvHeads, hidden_size: hidden, layer_types: types } = data;
  return [
    kvHeads !== undefined &&
      heads % kvHeads !== 0 &&
      `num_key_value_heads: ${kvHeads} does not divide num_attention_heads ${heads}`,
    data.head_dim === undefined &&
      hidden % heads !== 0 &&
      `head_dim: is missing, and hidden_size ${hidden} is no multiple of num_attention_heads ${heads}`,
    types !== undefined &&
      types.length !== data.num_hidden_layers &&
      `layer_types: has ${types.length} entries for ${data.num_hidden_layers} layers`,
    data.kv_lora_rank !== undefined &&
      data.qk_rope_head_dim === undefined &&
      'qk_rope_head_dim: is missing beside kv_lora_rank',
  ].filter((one) => one !== false);
}

function sizeOf(data: Config, name: string): ModelSize {
  const heads = data.num_attention_heads;
  const headDim = data.head_dim ?? data.hidden_size / heads;
  const quantization = (data.quantization_config && quantizationOf(data.quantization_config)) ?? trainedIn(data);
  const shape = {
    layers: data.num_hidden_layers,
    heads,
    kvHeads: data.num_key_value_heads ?? heads,
    headDim,
    embedding: data.hidden_size,
    ...contextOf(data),
    ...(data.vocab_size && { vocabulary: data.vocab_size }),
    ...(data.intermediate_size && { feedForward: data.intermediate_size }),
    ...(data.kv_lora_rank && { latentDim: data.kv_lora_rank + (data.qk_rope_head_dim ?? 0) }),
    ...(expertsOf(data) > 1 && { experts: expertsOf(data) }),
    ...layersOf(data),
    ...globalsOf(data, headDim),
  };
  const parameters = parametersOf(data, shape);
  return {
    name,
    ...(parameters !== undefined && {
      parameters,
      weights: { bytes: weightsBytesOf(parameters, quantization, shape), quantization, origin: 'counted' as const },
    }),
    ...(data.vision_config && { vision: visionOf(data.vision_config, data.hidden_size) }),
    architecture: shape,
    isDerived: true,
  };
}

function layersOf(data: Config) {
  const {
    layer_types: types,
    sliding_window: window,
    sliding_window_pattern: period,
    num_hidden_layers: layers,
  } = data;
  const kept = types?.filter((one) => /attention/.test(one) && !/^linear/.test(one)).length;
  const kvLayers = kept !== undefined && kept < layers ? { kvLayers: kept } : {};
  if (window === undefined || data.use_sliding_window === false) return kvLayers;
  const pattern = types?.map((one) => /^sliding/.test(one)) ?? letters(period);
  const slidingLayers = slidingLayersOf(layers, pattern, data.model_type);
  // Where nobody tells which layers have the window, all are reckoned without: more memory, never less.
  return { ...kvLayers, ...(slidingLayers !== undefined && { slidingLayers }), slidingWindowTokens: window };
}

function letters(period: string | number | undefined): number | boolean[] | undefined {
  return typeof period === 'string' ? [...period].map((one) => one === 'L') : period;
}

/* In these the number of the configuration is the stretched one already. */
const stretchedTypes = /^(su|longrope|llama3)$/;

/** The longest context as vLLM takes it from a configuration (`_get_and_verify_max_len`). */
function contextOf({ max_position_embeddings: named, rope_scaling, rope_parameters, model_type: kind }: Config) {
  const scaling = rope_scaling ?? rope_parameters;
  if (named === undefined) return {};
  const type = scaling?.rope_type ?? scaling?.type ?? '';
  if (!scaling || stretchedTypes.test(type) || /^gemma3/.test(kind ?? '')) return { contextTokens: named };
  const trained = type === 'yarn' ? (scaling.original_max_position_embeddings ?? named) : named;
  return { contextTokens: Math.min(Math.floor(trained * (scaling.factor ?? 1)), 268_435_456) };
}

/** Heads and head size of the layers without a window, where they are others. */
function globalsOf(data: Config, headDim = data.head_dim) {
  const { num_global_key_value_heads: kvHeads, global_head_dim: dim, num_key_value_heads: usual } = data;
  return {
    ...(kvHeads !== undefined && kvHeads !== usual && { globalKvHeads: kvHeads }),
    ...(dim !== undefined && dim !== headDim && { globalHeadDim: dim }),
  };
}

function expertsOf(data: Config): number {
  return data.n_routed_experts || data.num_local_experts || data.num_experts || 1;
}

/** Attention, a gated feed-forward for each expert, and embeddings: exact for Llama and its kin. Undefined when a number is missing. */
function parametersOf(data: Config, shape: Shape): number | undefined {
  const { hidden_size: hidden, num_attention_heads: heads, vocab_size: vocabulary } = data;
  const inner = expertsOf(data) > 1 ? (data.moe_intermediate_size ?? data.intermediate_size) : data.intermediate_size;
  if (vocabulary === undefined || inner === undefined) return undefined;
  const { layers, kvHeads, headDim, slidingLayers = layers, globalKvHeads = kvHeads, globalHeadDim = headDim } = shape;
  const attentionOf = (keyValueHeads: number, dim: number) => 2 * hidden * dim * (heads + keyValueHeads);
  const attention =
    slidingLayers * attentionOf(kvHeads, headDim) +
    (layers - slidingLayers) * attentionOf(globalKvHeads, globalHeadDim);
  const feedForward = 3 * hidden * inner * expertsOf(data);
  const embeddings = vocabulary * hidden * (data.tie_word_embeddings ? 1 : 2);
  const all = attention + layers * (feedForward + 2 * hidden) + embeddings + hidden;
  return Number.isSafeInteger(all) && all <= 1e14 ? all : undefined;
}

function trainedIn({ dtype, torch_dtype }: Config): 'f32' | 'f16' | 'bf16' {
  const said = dtype ?? torch_dtype;
  return said === 'float32' ? 'f32' : said === 'float16' ? 'f16' : 'bf16';
}
