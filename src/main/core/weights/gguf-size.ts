import { basename } from 'node:path';
import { architecture } from '../../../shared/estimate/architecture.ts';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';
import { partOf } from './file-names.ts';
import type { HeaderValue } from './gguf-values.ts';
import { type GgufHeader, readGgufHeader } from './read-gguf-header.ts';
import { slidingLayersOf } from './sliding-layers.ts';

/**
 * The size of the model in a GGUF, with all its parts when it is cut into some (`…-00001-of-00003.gguf`). No tensor is read.
 * Throws as `readGgufHeader`.
 */
export async function readGgufSize(path: string): Promise<ModelSize> {
  const [first = path, ...others] = partsOf(path);
  const header = await readGgufHeader(first);
  const whole = { ...header };
  for (const other of others) {
    const { weightsBytes, parameters } = await readGgufHeader(other);
    whole.weightsBytes += weightsBytes;
    whole.parameters += parameters;
  }
  return ggufSize(path, whole);
}

function partsOf(path: string): string[] {
  const part = partOf(path);
  if (!part || part.count > 999) return [path];
  return Array.from({ length: part.count }, (_, at) => part.nameOf(at + 1));
}

/** What a GGUF's header says of the size of its model. Numbers that are missing or impossible are left out. */
function ggufSize(path: string, header: GgufHeader): ModelSize {
  return {
    name: String(header.metadata.get('general.name') ?? basename(path)).slice(0, 500),
    ...(header.parameters > 0 && { parameters: header.parameters }),
    ...(header.weightsBytes > 0 && {
      weights: { bytes: header.weightsBytes, quantization: header.mainType, origin: 'exact' as const },
    }),
    architecture: onlyGood(claimedShape(header)),
  };
}

/** The numbers of the architecture as the header has them, unchecked. */
function claimedShape({ metadata, arrayLengths }: GgufHeader): Record<string, unknown> {
  const name = metadata.get('general.architecture');
  const of = (key: string): HeaderValue | undefined => metadata.get(`${name}.${key}`);
  const largest = (key: string) => {
    const value = of(key);
    return Array.isArray(value) ? Math.max(0, ...value) : value;
  };
  const layers = of('block_count');
  const heads = largest('attention.head_count');
  const kvPerLayer = of('attention.head_count_kv');
  const embedding = of('embedding_length');
  const rank = of('attention.kv_lora_rank');
  return {
    layers,
    heads,
    kvHeads: largest('attention.head_count_kv') ?? heads,
    headDim: headDimOf(of('attention.key_length'), of('attention.value_length'), embedding, heads),
    contextTokens: of('context_length'),
    embedding,
    feedForward: largest('feed_forward_length'),
    vocabulary: of('vocab_size') ?? arrayLengths.get('tokenizer.ggml.tokens'),
    experts: of('expert_count') || undefined,
    kvLayers: kvLayersOf(String(name), layers, kvPerLayer, of('full_attention_interval')),
    // Older files keep whole keys and values; those made for latent attention name the length of a head apart.
    ...(of('attention.key_length_mla') !== undefined && {
      latentDim: Number(rank) + Number(of('rope.dimension_count')),
    }),
    ...windowOf(String(name), layers, of('attention.sliding_window'), of('attention.sliding_window_pattern')),
    ...twoShapesOf(of, embedding, heads),
    ...stateOf(of, Number(layers), Number(embedding)),
  };
}

/** Kinds of model of which llama.cpp gives keys and values to one layer in so many only, by `full_attention_interval`. */
const intervalKinds = new Set(['qwen3next', 'qwen35', 'qwen35moe']);

/** How many layers keep keys and values. Undefined, which counts all, unless the header says it for every layer or this kind has an interval. */
function kvLayersOf(name: string, layers: unknown, perLayer: unknown, every: unknown): number | undefined {
  if (Array.isArray(perLayer)) return perLayer.length === layers ? perLayer.filter((one) => one > 0).length : undefined;
  if (!intervalKinds.has(name) || !isCount(layers) || !isCount(every) || every > layers) return undefined;
  return Math.floor(layers / every);
}

/**
 * What layers with a state keep for each request, in 32 bits (llama.cpp: n_embd_r and n_embd_s). Which layers have one is told for
 * few kinds of model, so all are counted: more memory, never less. Without one of the numbers the memory is unknown, not smaller.
 */
function stateOf(of: (key: string) => HeaderValue | undefined, layers: number, embedding: number) {
  const sizes = ['ssm.inner_size', 'ssm.state_size'];
  const told = sizes.filter((key) => of(key));
  if (told.length === 0) {
    const kept = Number(of('shortconv.l_cache') ?? 0) - 1;
    return kept > 0 ? { stateBytes: 4 * layers * embedding * kept } : {};
  }
  const [inner, state, kernel] = [...sizes, 'ssm.conv_kernel'].map(of);
  // Mamba 1 has no groups.
  const groups = of('ssm.group_count') ?? 0;
  if (!(isCount(inner) && isCount(state) && isCount(kernel) && (groups === 0 || isCount(groups))))
    return { unread: told };
  const convolved = (kernel - 1) * (inner + 2 * groups * state);
  return { stateBytes: 4 * layers * (convolved + inner * state) };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1;
}

function headDimOf(key: unknown, value: unknown, embedding: unknown, heads: unknown): number | undefined {
  if (typeof key === 'number' && typeof value === 'number') return Math.ceil((key + value) / 2);
  if (typeof embedding === 'number' && typeof heads === 'number' && heads > 0) return Math.ceil(embedding / heads);
  return undefined;
}

/** Heads of layers with a window and of those without, where the file tells both and which is which (Gemma 4). */
function twoShapesOf(of: (key: string) => HeaderValue | undefined, embedding: unknown, heads: unknown) {
  const pattern = of('attention.sliding_window_pattern');
  const kvHeads = of('attention.head_count_kv');
  const dim = headDimOf(of('attention.key_length'), of('attention.value_length'), embedding, heads);
  const slidingDim = headDimOf(of('attention.key_length_swa'), of('attention.value_length_swa'), undefined, undefined);
  if (!Array.isArray(pattern) || !Array.isArray(kvHeads)) return {};
  const most = (isSliding: boolean) =>
    Math.max(0, ...kvHeads.filter((_count, at) => Number(pattern[at % pattern.length]) > 0 === isSliding));
  return {
    kvHeads: most(true),
    globalKvHeads: most(false),
    ...(slidingDim !== undefined && { headDim: slidingDim, globalHeadDim: dim }),
  };
}

function windowOf(name: string, layers: unknown, window: unknown, pattern: unknown) {
  if (typeof layers !== 'number' || typeof window !== 'number' || window <= 0) return {};
  const told = Array.isArray(pattern)
    ? pattern.map((one) => Number(one) > 0)
    : typeof pattern === 'number' && pattern > 0
      ? pattern
      : undefined;
  const slidingLayers = slidingLayersOf(Math.min(layers, 2048), told, name);
  return slidingLayers === undefined ? {} : { slidingLayers, slidingWindowTokens: window };
}

function onlyGood(claimed: Record<string, unknown>): ModelSize['architecture'] {
  const good = Object.entries(architecture.shape).flatMap(([key, schema]) => {
    const parsed = schema.safeParse(claimed[key]);
    return parsed.success && parsed.data !== undefined ? [[key, parsed.data]] : [];
  });
  return Object.fromEntries(good);
}
