import type { LayerKind } from './layer-kind.ts';
import type { Shape, Tensor } from './tensor.ts';

/** The matrices of a layer with a state, and the values that it keeps per request. */
interface StateLayer {
  matrices: Record<string, number>;
  stateValues: number;
}

/** Returns the matrices of a layer with a state; an empty list for other layers, undefined if a number is missing. */
export function stateTensors(shape: Shape, { mixer }: LayerKind): Tensor[] | undefined {
  if (mixer !== 'state' && mixer !== 'full-and-state') return [];
  const layer = stateLayer(shape);
  return layer && Object.entries(layer.matrices).map(([name, values]) => ({ name: `mixer.${name}`, values }));
}

/** Returns the values that one layer with a state keeps per request; undefined if unknown. */
export function stateValuesOf(shape: Shape): number | undefined {
  return stateLayer(shape)?.stateValues;
}

/* Each is recognised by keys that only its kind has (transformers: qwen3_next, kimi_linear, mamba2, jamba, lfm2, recurrent_gemma, minimax). */
function stateLayer(shape: Shape): StateLayer | undefined {
  const kinds = [gatedDelta, kimiDelta, mamba2, mamba, shortConvolution, linearUnit, lightning];
  return kinds.map((kind) => kind(shape)).find((one) => one !== undefined);
}

function gatedDelta(shape: Shape): StateLayer | undefined {
  const { linear_num_key_heads: keyHeads, linear_num_value_heads: heads, hidden_size: hidden } = shape;
  const { linear_key_head_dim: keyDim, linear_value_head_dim: valueDim, linear_conv_kernel_dim: kernel = 4 } = shape;
  if (!keyHeads || !heads || !keyDim || !valueDim) return undefined;
  const [keys, values] = [keyHeads * keyDim, heads * valueDim];
  return {
    matrices: {
      in_proj_qkvz: hidden * 2 * (keys + values),
      in_proj_ba: hidden * 2 * heads,
      conv1d: (2 * keys + values) * kernel,
      out_proj: values * hidden,
    },
    stateValues: (2 * keys + values) * (kernel - 1) + heads * keyDim * valueDim,
  };
}

function kimiDelta({
  linear_num_heads: heads,
  linear_head_dim: dim,
  hidden_size: hidden,
  ...shape
}: Shape): StateLayer | undefined {
  if (!heads || !dim) return undefined;
  const kernel = shape.linear_conv_kernel_dim ?? 4;
  const width = heads * dim;
  return {
    matrices: {
      qkv_proj: 3 * hidden * width,
      low_rank: 2 * dim * (hidden + width),
      b_proj: hidden * heads,
      out_proj: width * hidden,
    },
    stateValues: 3 * width * (kernel - 1) + heads * dim * dim,
  };
}

function mamba2(shape: Shape): StateLayer | undefined {
  const { mamba_num_heads: heads, hidden_size: hidden, ssm_state_size: state, conv_kernel: kernel = 4 } = shape;
  const { mamba_head_dim: dim, n_groups: groups = 1, mamba_d_ssm: given } = shape;
  if (!heads || !dim || !state) return undefined;
  const inner = given ?? heads * dim;
  const convolved = inner + 2 * groups * state;
  return {
    matrices: { in_proj: hidden * (inner + convolved + heads), conv1d: convolved * kernel, out_proj: inner * hidden },
    stateValues: convolved * (kernel - 1) + inner * state,
  };
}

function mamba(shape: Shape): StateLayer | undefined {
  const { ssm_state_size: state, hidden_size: hidden, expand, conv_kernel: kernel = 4, mamba_dt_rank: given } = shape;
  if (!state || !expand) return undefined;
  const inner = Math.floor(expand * hidden);
  const rank = typeof given === 'number' ? given : Math.ceil(hidden / 16);
  return {
    matrices: {
      in_proj: hidden * 2 * inner,
      conv1d: inner * kernel,
      x_proj: inner * (rank + 2 * state),
      dt_proj: rank * inner,
      A_log: inner * state,
      out_proj: inner * hidden,
    },
    stateValues: inner * (kernel - 1 + state),
  };
}

function shortConvolution({ conv_L_cache: kernel, hidden_size: hidden }: Shape): StateLayer | undefined {
  if (!kernel) return undefined;
  return { matrices: { in_proj: 3 * hidden * hidden, out_proj: hidden * hidden }, stateValues: hidden * kernel };
}

function linearUnit(shape: Shape): StateLayer | undefined {
  const { model_type: kind, hidden_size: hidden, num_attention_heads: heads, lru_width: width = hidden } = shape;
  if (kind !== 'recurrent_gemma') return undefined;
  return {
    matrices: { linear: 3 * hidden * width, gates: (2 * width * width) / heads },
    stateValues: width * (shape.conv1d_width ?? 4),
  };
}

function lightning({
  model_type: kind = '',
  hidden_size: hidden,
  num_attention_heads: heads,
  headDim,
}: Shape): StateLayer | undefined {
  if (!/^minimax/.test(kind)) return undefined;
  return { matrices: { linear: 5 * hidden * heads * headDim }, stateValues: heads * headDim * headDim };
}
