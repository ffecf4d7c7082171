import { appError } from '../../../shared/errors/app-error.ts';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { type ConfigFields, configFields } from './config-fields.ts';
import { contradictingNames } from './config-names.ts';
import { contextOf } from './context-length.ts';
import { contradictions, hasAttention } from './contradictions.ts';
import { mostExperts, uncountedExperts } from './expert-layers.ts';
import { kvShape } from './kv-shape.ts';
import { type LanguagePart, languagePart } from './language-part.ts';
import type { LayerKind } from './layer-kind.ts';
import { layerKinds } from './layer-kinds.ts';
import { loadLibraryDefaults } from './library-defaults.ts';
import { modelTensors } from './model-tensors.ts';
import { readModelConfig } from './read-model-config.ts';
import { quantizedBy, storedWeights, trainedIn } from './stored-weights.ts';
import type { Shape } from './tensor.ts';
import { unreadKeys } from './unread-keys.ts';
import { visionOf } from './vision-size.ts';

/**
 * Reads a model's size from a `config.json`, Mistral's `params.json`, or a folder with one of them. Keys that are not understood are
 * listed in `unread`, and the numbers that depend on them are left out. Throws `file.*`, and `estimate.config-invalid` with each field
 * that is missing, out of bounds or contradicts another.
 */
export async function readConfigSize(path: string, resources: string): Promise<ModelSize> {
  const { path: file, name, data } = await readModelConfig(path);
  const part = languagePart(data, await loadLibraryDefaults(resources));
  const parsed = configFields.safeParse(part.fields);
  const refuse = (issues: string[]) => appError('estimate.config-invalid', { path: file, issues: issues.slice(0, 8) });
  if (!parsed.success) throw refuse(issueLines(parsed.error));
  const issues = contradictions(parsed.data);
  if (issues.length > 0) throw refuse(issues);
  return { name, ...sizeOf(parsed.data, part) };
}

function sizeOf(data: ConfigFields, part: LanguagePart): Omit<ModelSize, 'name'> {
  const keys = unreadKeys(part);
  const kinds = layerKinds(data);
  const layers = 'layers' in kinds ? kinds.layers : [];
  const shape = layers.length > 0 ? shapeOf(data, layers.length, part.isKnown) : undefined;
  const odd = [
    ...('unread' in kinds ? kinds.unread : []),
    ...(data.is_encoder_decoder ? ['is_encoder_decoder'] : []),
    ...unplacedHeads(data, layers),
    ...contradictingNames(part.written),
    ...unreadValues(data, part.fields),
  ];
  const isOdd = odd.length > 0 || !shape;
  const unread = {
    weights: [...keys.weights, ...odd, ...uncountedExperts(data, layers)],
    kvCache: [...keys.kvCache, ...odd],
  };
  return {
    ...(isOdd || unread.weights.length > 0 ? {} : weightsOf(shape, layers, part)),
    ...(Object.keys(part.senses).length > 0 && { vision: visionOf(part.senses, data.hidden_size ?? 0) }),
    architecture: {
      ...sharedNumbers(data, layers),
      ...(isOdd ? {} : kvShape(shape, layers)),
      ...(unread.kvCache.length > 0 && { unread: unread.kvCache.slice(0, 8) }),
    },
    ...(unread.weights.length > 0 && { unread: unread.weights.slice(0, 8) }),
  };
}

/** Keys whose values are of a kind that is not understood. */
function unreadValues(data: ConfigFields, written: Record<string, unknown>): string[] {
  const keys = ['sliding_window_pattern', 'num_experts_per_tok'] as const;
  return keys.filter((key) => data[key] === undefined && (written[key] ?? undefined) !== undefined);
}

/** Keys of heads for layers with or without a window, if it is unknown which layers those are. */
function unplacedHeads(data: ConfigFields, layers: readonly LayerKind[]): string[] {
  const keys = ['global_head_dim', 'num_global_key_value_heads', 'swa_head_dim', 'swa_num_key_value_heads'] as const;
  const isPlaced = !data.sliding_window || layers.some((one) => one.mixer === 'sliding');
  return isPlaced ? [] : keys.filter((key) => data[key] !== undefined);
}

function sharedNumbers(data: ConfigFields, layers: readonly LayerKind[]): ModelSize['architecture'] {
  const { num_attention_heads: heads, hidden_size: embedding, vocab_size: vocabulary } = data;
  const inner = Array.isArray(data.intermediate_size) ? Math.max(...data.intermediate_size) : data.intermediate_size;
  const count = layers.some((one) => one.feedForward === 'experts') ? mostExperts(data) : 1;
  return {
    ...(layers.length > 0 && { layers: layers.length }),
    ...(heads && { heads }),
    ...(embedding && { embedding }),
    ...contextOf(data),
    ...(vocabulary && { vocabulary }),
    ...(inner && { feedForward: inner }),
    ...(count > 1 && { experts: count }),
  };
}

function shapeOf(data: ConfigFields, layers: number, isKnown: boolean): Shape | undefined {
  const { hidden_size: hidden, model_type: kind = '' } = data;
  const heads = data.num_attention_heads;
  if (hidden === undefined || (!heads && hasAttention(data))) return undefined;
  const isMamba2 = kind === 'mamba2';
  return {
    ...data,
    num_hidden_layers: layers,
    hidden_size: hidden,
    num_attention_heads: heads || 1,
    ...(isMamba2 && {
      mamba_num_heads: heads ?? data.mamba_num_heads,
      mamba_head_dim: data.head_dim ?? data.mamba_head_dim,
    }),
    headDim: data.head_dim ?? Math.ceil(hidden / (heads || 1)),
    kvHeads: kvHeadsOf(data, heads || 1),
    isKnown,
  };
}

function kvHeadsOf(data: ConfigFields, heads: number): number {
  const { num_key_value_heads: told, multi_query: isSingle, new_decoder_architecture: isNew } = data;
  if (isSingle === true && isNew !== true) return 1;
  const isMany = data.multi_query_attention === false || (isSingle === false && isNew !== true);
  if (isMany || told === undefined || told === 0) return heads;
  return Array.isArray(told) ? Math.max(1, ...told) : told;
}

function weightsOf(shape: Shape, layers: Parameters<typeof modelTensors>[1], part: LanguagePart) {
  const tensors = modelTensors(shape, layers);
  if (!tensors) return {};
  const parameters = Math.round(tensors.reduce((sum, one) => sum + one.values, 0));
  if (!Number.isSafeInteger(parameters) || parameters > 1e14 || parameters < 1) return {};
  const quantized = quantizedBy(part.written);
  if (quantized && 'unknownFormat' in quantized) return { parameters, unknownFormat: quantized.unknownFormat };
  const trained = trainedIn(shape);
  if ('unknownFormat' in trained) return { parameters, unknownFormat: trained.unknownFormat };
  const stored = storedWeights(tensors, quantized, trained);
  // Allowance for biases, norms of heads and scales of matrices.
  const small = part.isKnown ? 0.01 : 0.03;
  return {
    parameters,
    weights: { bytes: Math.round(stored.bytes), quantization: stored.quantization, origin: 'counted' as const },
    spread: { low: stored.lowBytes / stored.bytes - small, high: stored.highBytes / stored.bytes + small },
  };
}
