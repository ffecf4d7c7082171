import type { ConfigFields } from './config-fields.ts';
import { isFields } from './language-part.ts';
import type { LayerKind, Layers } from './layer-kind.ts';

type Fields = Record<string, unknown>;

/* Keys that change no size. */
const sizeless = new Set([
  'sparsify',
  'num_sink_tokens',
  'use_prefill_window_in_sink_attention',
  'unshifted_sink',
  'hidden_act',
]);
const read = new Set([
  'no_op',
  'replace_with_linear',
  'n_heads_in_group',
  'num_key_value_heads',
  'ffn_mult',
  'intermediate_size',
  'gated',
]);

/** Returns the layers of a model from architecture search (NVIDIA's `block_configs`: DeciLM, Nemotron Super and Ultra). */
export function nasLayers(data: ConfigFields): Layers {
  const blocks = data.block_configs ?? [];
  const unread = new Set<string>();
  const layers = blocks.map((block): LayerKind => {
    const attention = isFields(block.attention) ? block.attention : {};
    const ffn = isFields(block.ffn) ? block.ffn : {};
    for (const [part, fields] of [
      ['attention', attention],
      ['ffn', ffn],
    ] as const)
      for (const key of unreadIn(fields)) unread.add(`block_configs.${part}.${key}`);
    for (const key of Object.keys(block))
      if (key !== 'attention' && key !== 'ffn' && key !== 'parallel_blocks')
        unread.add(`block_configs.${key.slice(0, 60)}`);
    const layer = { ...attentionOf(attention, data), ...feedForwardOf(ffn, data) };
    if (!(Number.isFinite(layer.inner ?? 1) && Number.isFinite(layer.kvHeads ?? 1))) unread.add('block_configs');
    return layer;
  });
  return unread.size > 0 ? { unread: [...unread] } : { layers };
}

function unreadIn(fields: Fields): string[] {
  return Object.entries(fields)
    .filter(([key, value]) => value !== null && value !== false && !read.has(key) && !sizeless.has(key))
    .map(([key]) => key.slice(0, 60));
}

function attentionOf(
  block: Fields,
  { num_attention_heads: heads = 1 }: ConfigFields,
): Pick<LayerKind, 'mixer' | 'kvHeads'> {
  if (block.no_op === true) return { mixer: 'none' };
  if (block.replace_with_linear === true) return { mixer: 'linear' };
  const perGroup = Number(block.n_heads_in_group ?? 1);
  const given = Number(block.num_key_value_heads ?? Math.floor(heads / Math.max(1, perGroup)));
  return { mixer: 'full', kvHeads: Math.max(1, given) };
}

function feedForwardOf(block: Fields, data: ConfigFields): Pick<LayerKind, 'feedForward' | 'inner'> {
  if (block.no_op === true) return { feedForward: 'none' };
  const hidden = data.hidden_size ?? 1;
  if (block.replace_with_linear === true) return { feedForward: 'linear' };
  const inner = block.intermediate_size ?? nasInner(Number(block.ffn_mult), hidden);
  return { feedForward: 'dense', inner: Number(inner) };
}

/** DeciLM: two thirds of `ffn_mult` times the hidden size, rounded up to a multiple of 256. */
function nasInner(multiplier: number, hidden: number): number {
  return Math.ceil(Math.floor((2 * multiplier * hidden) / 3) / 256) * 256;
}
