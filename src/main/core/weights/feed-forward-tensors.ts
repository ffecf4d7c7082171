import type { LayerKind } from './layer-kind.ts';
import type { Shape, Tensor } from './tensor.ts';

/** Returns the matrices of a layer's feed-forward with all experts; undefined if a width is missing. */
export function feedForwardTensors(shape: Shape, layer: LayerKind, at: number): Tensor[] | undefined {
  if (layer.feedForward === 'none') return [];
  if (layer.feedForward === 'linear') return [{ name: 'mlp.linear_mlp', values: shape.hidden_size ** 2 }];
  return layer.feedForward === 'experts' ? expertTensors(shape, at) : denseTensors(shape, layer, at);
}

function denseTensors(shape: Shape, layer: LayerKind, at: number): Tensor[] | undefined {
  const own = layer.inner ?? shape.intermediate_size_mlp ?? shape.dense_intermediate_size;
  const inner = own ?? denseWidth(shape, at);
  if (inner === undefined) return undefined;
  const isDouble = shape.use_double_wide_mlp === true && layer.isShared === true;
  return matrices(shape, 'mlp', isDouble ? 2 * inner : inner);
}

function denseWidth(shape: Shape, at: number): number | undefined {
  const { feed_forward_times: times, hidden_size: hidden } = shape;
  // Granite 4 without experts has only the shared part.
  const isShared = shape.model_type === 'granitemoehybrid' ? shape.shared_expert_intermediate_size : undefined;
  const given = isShared || listed(shape.intermediate_size, at) || (times === undefined ? undefined : times * hidden);
  if (given !== undefined && shape.model_type === 'recurrent_gemma') return Math.floor(given / 2);
  if (given === undefined || shape.block_auto_adjust_ff_dim !== true) return given;
  // LFM2: two thirds, rounded up to a multiple.
  const { block_ffn_dim_multiplier: factor = 1, block_multiple_of: multiple = 256 } = shape;
  return Math.ceil(Math.floor(factor * Math.floor((2 * given) / 3)) / multiple) * multiple;
}

function expertTensors(shape: Shape, at: number): Tensor[] | undefined {
  const count = listed(shape.num_experts, at) ?? 1;
  const inner = listed(shape.moe_intermediate_size, at) ?? listed(shape.intermediate_size, at);
  if (inner === undefined) return undefined;
  const shared = sharedWidth(shape, inner, at);
  const isBeside = /^gemma4/.test(shape.model_type ?? '');
  const beside = isBeside ? denseTensors(shape, { mixer: 'none', feedForward: 'dense' }, at) : [];
  const latent = shape.moe_latent_size;
  return [
    ...matrices(shape, 'mlp.experts.0', inner, latent).map((one) => timesOver(one, count)),
    ...(latent === undefined ? [] : [{ name: 'mlp.latent_proj', values: 2 * shape.hidden_size * latent }]),
    ...(shared > 0 ? matrices(shape, 'mlp.shared_experts', shared) : []),
    ...(beside ?? []),
    { name: 'mlp.gate', values: shape.hidden_size * count },
  ];
}

/** Returns the total width of the shared experts. */
function sharedWidth(shape: Shape, inner: number, at: number): number {
  const count = listed(shape.n_shared_experts, at);
  const { moe_shared_expert_intermediate_size: each, shared_expert_intermediate_size: all } = shape;
  if (each) return each * (count ?? 1);
  return all ? all : (count ?? 0) * inner;
}

function matrices(shape: Shape, name: string, inner: number, from = shape.hidden_size): Tensor[] {
  const values = from * inner;
  const ungated =
    shape.feed_forward_matrices === 2 || /relu2|squared_relu/.test(shape.mlp_hidden_act ?? shape.hidden_act ?? '');
  // An unknown kind of model may have no gate.
  const gate = ungated ? [] : [{ name: `${name}.gate_proj`, values, ...(!shape.isKnown && { least: 0 }) }];
  return [...gate, { name: `${name}.up_proj`, values }, { name: `${name}.down_proj`, values }];
}

function timesOver({ name, values, least }: Tensor, count: number): Tensor {
  return { name, values: values * count, ...(least !== undefined && { least: least * count }) };
}

function listed(given: number | number[] | undefined, at: number): number | undefined {
  return Array.isArray(given) ? given[at] : given;
}
