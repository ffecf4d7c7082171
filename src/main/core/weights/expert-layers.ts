import type { ConfigFields } from './config-fields.ts';
import type { LayerKind } from './layer-kind.ts';

type Rule = (data: ConfigFields, layers: number) => ((at: number) => boolean) | undefined;

/* Rules for the layers with experts, each for its own keys; a layer must satisfy all that apply. */
const rules: readonly Rule[] = [
  ({ mlp_layer_types: types }) => types && ((at) => types[at] === 'sparse'),
  ({ moe_layers: layers }) => {
    const listed = typeof layers === 'string' ? layers.split(',').map(Number) : layers;
    return listed && listed.length > 0 ? (at) => listed.includes(at) : undefined;
  },
  // Llama 4: the last of every few layers.
  ({ interleave_moe_layer_step: step, moe_layers: layers }) =>
    step === undefined || hasList(layers) ? undefined : (at) => step > 0 && (at + 1) % step === 0,
  // DeepSeek.
  ({ first_k_dense_replace: first, mlp_layer_types: types }) =>
    first === undefined || types ? undefined : (at) => at >= first,
  ({ moe_layer_freq: freq }) => {
    if (Array.isArray(freq)) return (at) => freq[at] !== 0;
    return freq === undefined ? undefined : (at) => at % freq === 0;
  },
  // Qwen.
  ({ decoder_sparse_step: step }) => (step === undefined ? undefined : (at) => step > 0 && (at + 1) % step === 0),
  ({ mlp_only_layers: dense }) => (dense === undefined ? undefined : (at) => !dense.includes(at)),
  // ERNIE: -1 means the last layer.
  ({ moe_layer_start_index: first, moe_layer_end_index: last = -1 }, layers) =>
    typeof first !== 'number' || typeof last !== 'number'
      ? undefined
      : (at) => at >= first && at <= (last < 0 ? layers - 1 : last),
  ({ moe_layer_interval: every }) => (every === undefined ? undefined : (at) => (at + 1) % every === 0),
  // Jamba.
  ({ expert_layer_period: period, expert_layer_offset: offset = 0 }) =>
    period === undefined ? undefined : (at) => at % period === offset,
  ({ num_experts: counts }) => (Array.isArray(counts) ? (at) => (counts[at] ?? 0) > 1 : undefined),
  ({ enable_moe_block: isOn, model_type: kind = '' }) => (/^gemma4/.test(kind) ? () => isOn === true : undefined),
];

function hasList(layers: ConfigFields['moe_layers']): boolean {
  return layers !== undefined && layers.length > 0;
}

/** Returns which layers have experts. */
export function expertLayers(data: ConfigFields, layers: number): { has: boolean[] } | { unread: string[] } {
  if (mostExperts(data) <= 1) return { has: Array.from({ length: layers }, () => false) };
  const unread = unreadPlaces(data, layers);
  if (unread !== undefined) return { unread: [unread] };
  const tests = rules.map((rule) => rule(data, layers)).filter((one) => one !== undefined);
  const has = Array.from({ length: layers }, (_, at) => tests.every((test) => test(at)));
  const isOff = /^gemma4/.test(data.model_type ?? '') && data.enable_moe_block !== true;
  return has.includes(true) || isOff ? { has } : { unread: ['num_experts (no layer has them)'] };
}

/** Returns the first key that should say which layers have experts, or how many, and does not. */
function unreadPlaces(data: ConfigFields, layers: number): string | undefined {
  const { mlp_layer_types: types, moe_layers: listed } = data;
  const unknown = types?.find((one) => one !== 'sparse' && one !== 'dense');
  if (unknown !== undefined) return `mlp_layer_types (${unknown.slice(0, 60)})`;
  if (typeof listed === 'string' && !/^(?:\s*\d+\s*(?:,|$))*$/.test(listed)) return 'moe_layers';
  const each = [
    'num_experts',
    'moe_intermediate_size',
    'n_shared_experts',
    'intermediate_size',
    'mlp_layer_types',
  ] as const;
  const wrong = each.find((name) => Array.isArray(data[name]) && data[name].length !== layers);
  return wrong ?? (['moe_layer_start_index', 'moe_layer_end_index'] as const).find((name) => Array.isArray(data[name]));
}

const ofExperts = [
  'moe_intermediate_size',
  'moe_latent_size',
  'n_shared_experts',
  'shared_expert_intermediate_size',
  'moe_shared_expert_intermediate_size',
  'moe_layers',
  'num_experts_per_tok',
] as const;

/** Returns what proves that a model has experts where its configuration does not say how many. */
export function uncountedExperts(data: ConfigFields, layers: readonly LayerKind[]): string[] {
  if (data.num_experts !== undefined) return [];
  const least = (key: string) => (key === 'num_experts_per_tok' ? 1 : 0);
  const isGiven = (key: (typeof ofExperts)[number]) => {
    const given = data[key];
    return typeof given === 'number' ? given > least(key) : given !== undefined && given.length > 0;
  };
  const isSparse = data.mlp_layer_types?.includes('sparse') || layers.some((one) => one.feedForward === 'experts');
  const isNamed = [data.model_type, ...(data.architectures ?? [])].find((one) => /moe/i.test(one ?? ''));
  const found = [
    ...ofExperts.filter(isGiven),
    ...(isSparse ? ['layers with experts'] : []),
    ...(isNamed === undefined ? [] : [isNamed.slice(0, 60)]),
  ];
  return found.map((one) => `${one} (the number of experts is missing)`);
}

/** Returns the largest number of experts in a layer; 1 for a dense model. */
export function mostExperts({ num_experts: given }: ConfigFields): number {
  return Math.max(1, ...(Array.isArray(given) ? given : [given ?? 1]));
}
