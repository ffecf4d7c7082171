import type { ConfigFields } from './config-fields.ts';
import { hasAttention } from './contradictions.ts';
import { expertLayers } from './expert-layers.ts';
import type { LayerKind, Layers } from './layer-kind.ts';
import { mixersOf } from './layer-mixers.ts';
import { nasLayers } from './nas-blocks.ts';

/* In Nemotron-H a layer is either a mixer or a feed-forward. */
const single: Record<string, LayerKind> = {
  M: { mixer: 'state', feedForward: 'none' },
  '*': { mixer: 'full', feedForward: 'none' },
  '-': { mixer: 'none', feedForward: 'dense' },
  E: { mixer: 'none', feedForward: 'experts' },
};
const singleNames: Record<string, string> = {
  mamba: 'M',
  linear_attention: 'M',
  attention: '*',
  full_attention: '*',
  mlp: '-',
  moe: 'E',
};

/** Determines the parts of each layer from lists, patterns, periods and the kind of model. */
export function layerKinds(data: ConfigFields): Layers {
  if (data.block_configs && data.block_configs.length > 0) return nasLayers(data);
  const chain = singleKinds(data);
  if (chain) return { layers: chain };
  const mixers = mixersOf(data);
  if ('unread' in mixers) return mixers;
  const count = mixers.mixers.length;
  const experts = expertLayers(data, count);
  if ('unread' in experts) return experts;
  const shared = sharedLayers(data, count);
  return {
    layers: mixers.mixers.map((mixer, at) => ({
      mixer,
      feedForward: !hasAttention(data) ? 'none' : experts.has[at] ? 'experts' : 'dense',
      ...kvHeadsAt(data, at),
      ...(shared(at) && { isShared: true }),
    })),
  };
}

function singleKinds({ hybrid_override_pattern: pattern, layer_types: types }: ConfigFields): LayerKind[] | undefined {
  const isChain = types?.some((one) => one === 'mlp' || one === 'moe') === true;
  const letters = pattern ? [...pattern] : isChain ? types?.map((one) => singleNames[one] ?? '?') : undefined;
  if (letters?.every((one) => Object.hasOwn(single, one)))
    return letters.map((one) => single[one] ?? { mixer: 'none', feedForward: 'none' });
  return undefined;
}

function kvHeadsAt({ num_key_value_heads: heads, num_key_value_heads_per_layer: more }: ConfigFields, at: number) {
  const list = more ?? (Array.isArray(heads) ? heads : undefined);
  const own = list?.[at];
  return own === undefined ? {} : { kvHeads: own };
}

/** Returns which layers use another layer's keys and values: the last ones (Gemma), or all but the first of each group (Hunyuan). */
function sharedLayers(data: ConfigFields, count: number): (at: number) => boolean {
  const { num_kv_shared_layers: last = 0, use_cla: isCla, cla_share_factor: factor = 2 } = data;
  return (at) => at >= count - last || (isCla === true && at % factor !== 0);
}
