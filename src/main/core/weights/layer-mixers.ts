import type { ConfigFields } from './config-fields.ts';
import { hasAttention } from './contradictions.ts';
import type { Mixer } from './layer-kind.ts';
import { slidingLayersOf } from './sliding-layers.ts';

const names: Record<string, Mixer> = {
  full_attention: 'full',
  attention: 'full',
  global: 'full',
  global_attention: 'full',
  // vLLM keeps the keys and values of all chunks.
  chunked_attention: 'full',
  sliding_attention: 'sliding',
  local_attention: 'sliding',
  linear_attention: 'state',
  mamba: 'state',
  mamba2: 'state',
  recurrent: 'state',
  conv: 'state',
  none: 'none',
};
/** Returns the mixer of each layer, or the parts of the configuration that are not understood. */
export function mixersOf(data: ConfigFields): { mixers: Mixer[] } | { unread: string[] } {
  const { layer_types: types, num_hidden_layers: count = types?.length ?? 0 } = data;
  if (types && types.length > 0) {
    const unknown = types.find((one) => !Object.hasOwn(names, one) && one !== 'hybrid');
    if (unknown !== undefined) return { unread: [`layer_types (${unknown.slice(0, 60)})`] };
    const named = Array.from({ length: count }, (_, at) => types[at % types.length] ?? 'full_attention');
    return { mixers: named.map((one) => windowed(data, one === 'hybrid' ? 'full-and-state' : (names[one] ?? 'full'))) };
  }
  const isFull = fullLayers(data);
  if (isFull)
    return { mixers: Array.from({ length: count }, (_, at) => (isFull(at) ? windowed(data, 'full') : 'state')) };
  if (!hasAttention(data)) return { mixers: Array.from({ length: count }, () => 'state') };
  if (data.model_type === 'falcon_h1') return { mixers: Array.from({ length: count }, () => 'full-and-state') };
  return { mixers: windows(data, count) };
}

/** RecurrentGemma's attention has a window; a window without a size counts as full attention. */
function windowed(data: ConfigFields, mixer: Mixer): Mixer {
  if (mixer === 'sliding' && !data.sliding_window) return 'full';
  return mixer === 'full' && data.model_type === 'recurrent_gemma' ? 'sliding' : mixer;
}

/** Returns which layers of a hybrid have attention; undefined if the model is not a hybrid. */
function fullLayers(data: ConfigFields): ((at: number) => boolean) | undefined {
  const { attn_layer_period: period, full_attention_interval: every, layer_group_size: group } = data;
  if (data.attn_layer_indices) return (at) => data.attn_layer_indices?.includes(at) === true;
  // Kimi Linear counts its layers from 1.
  if (data.full_attn_layers) return (at) => data.full_attn_layers?.includes(at + 1) === true;
  if (data.attn_type_list) return (at) => data.attn_type_list?.[at] !== 0;
  if (period !== undefined) return (at) => at % period === (data.attn_layer_offset ?? 0);
  if (every !== undefined) return (at) => (at + 1) % every === 0;
  if (group !== undefined) {
    const whole = Math.floor((data.num_hidden_layers ?? 0) / group) * group;
    return (at) => (at + 1) % group === 0 || at >= whole;
  }
  return undefined;
}

function windows(data: ConfigFields, count: number): Mixer[] {
  const { sliding_window: window, sliding_window_pattern: period, hybrid_layer_pattern: hybrid } = data;
  if (!window || data.use_sliding_window === false) return Array.from({ length: count }, () => 'full');
  // Qwen: the first layers have full attention, all of them if it is unknown how many.
  const first = data.use_sliding_window === true ? (data.max_window_layers ?? count) : undefined;
  const isSliding = hybrid?.map((one) => one === 1);
  if (isSliding) return Array.from({ length: count }, (_, at) => (isSliding[at] ? 'sliding' : 'full'));
  if (first !== undefined) return Array.from({ length: count }, (_, at) => (at >= first ? 'sliding' : 'full'));
  const pattern = typeof period === 'string' ? [...period].map((one) => one === 'L') : period;
  // If it is unknown which layers have the window, none is assumed to: more memory, never less.
  const sliding = slidingLayersOf(count, pattern, data.model_type) ?? 0;
  const every = typeof pattern === 'number' ? pattern : Math.max(1, Math.round(count / Math.max(1, count - sliding)));
  return spread(count, sliding, every);
}

/** Spreads the layers without a window evenly, each last in its period. */
function spread(count: number, sliding: number, every: number): Mixer[] {
  let full = count - sliding;
  return Array.from({ length: count }, (_, at): Mixer => {
    const isFull = full > 0 && ((at + 1) % every === 0 || count - at <= full);
    if (isFull) full -= 1;
    return isFull ? 'full' : 'sliding';
  });
}
