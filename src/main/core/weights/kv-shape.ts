import type { KnownNumbers } from '../../../shared/estimate/architecture.ts';
import { headsOf } from './attention-tensors.ts';
import type { LayerKind } from './layer-kind.ts';
import { stateValuesOf } from './state-tensors.ts';
import type { Shape } from './tensor.ts';

/* States are kept in 32 bits (Mamba). */
const stateValueBytes = 4;
const withKeys = new Set<LayerKind['mixer']>(['full', 'sliding', 'full-and-state']);

/** Returns the numbers that determine what the layers keep per token and per request. */
export function kvShape(shape: Shape, layers: readonly LayerKind[]): KnownNumbers {
  const keeping = layers.filter((one) => withKeys.has(one.mixer) && !one.isShared);
  const sliding = keeping.filter((one) => one.mixer === 'sliding');
  const full = keeping.filter((one) => one.mixer !== 'sliding');
  const states = layers.filter((one) => one.mixer === 'state' || one.mixer === 'full-and-state').length;
  const stateValues = states > 0 ? stateValuesOf(shape) : undefined;
  const latent = shape.kv_lora_rank;
  return {
    ...(latent === undefined ? headNumbers(shape, sliding, full) : { kvHeads: shape.kvHeads, headDim: shape.headDim }),
    ...(latent !== undefined && { latentDim: latent + (shape.qk_rope_head_dim ?? 0) }),
    ...(keeping.length < layers.length && { kvLayers: keeping.length }),
    ...(sliding.length > 0 && { slidingLayers: sliding.length, slidingWindowTokens: shape.sliding_window }),
    ...(stateValues !== undefined && { stateBytes: Math.ceil(states * stateValues * stateValueBytes) }),
    ...(shape.index_head_dim !== undefined && { indexHeadDim: shape.index_head_dim }),
  };
}

/** Returns key-value heads and their size for layers with and without a window, or per layer if more differ. */
function headNumbers(shape: Shape, sliding: readonly LayerKind[], full: readonly LayerKind[]): KnownNumbers {
  const kept = (layer: Pick<LayerKind, 'mixer' | 'kvHeads'>) => {
    const { kvHeads, dim, valueDim } = headsOf(shape, layer);
    // vLLM pads values to the size of keys.
    return { kvHeads, headDim: Math.max(dim, valueDim) };
  };
  const [first = full[0], other = first] = [sliding[0], full[0]];
  if (!first || !other) return { kvHeads: shape.kvHeads, headDim: shape.headDim };
  const [local, global] = [kept(first), kept(other)];
  const isUneven = [...sliding, ...full].some((one) => one.kvHeads !== undefined && one.kvHeads !== first.kvHeads);
  return {
    ...local,
    ...(global.kvHeads !== local.kvHeads && { globalKvHeads: global.kvHeads }),
    ...(global.headDim !== local.headDim && { globalHeadDim: global.headDim }),
    ...(isUneven && { kvHeadsOfLayers: full.map((one) => kept(one).kvHeads) }),
  };
}
