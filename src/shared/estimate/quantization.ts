import type { KnownNumbers } from './architecture.ts';
import type { Device } from './device.ts';

/**
 * Bytes for one parameter of weights.
 * - Block formats carry their scales (llama.cpp's ggml-common.h): q8_0 34 bytes for 32 values, q5_1 24, q5_0 22, q4_1 20, q4_0 18
 *   for 32, q6_K 210 for 256. The mixes (`_k_m`, `_k_s`, q2_k, iq4_xs) are bits of whole files, as llama.cpp's quantize page
 *   measured them with Llama 3.1 8B.
 * - `mxfp4`: 17 bytes for 32 (OCP Microscaling Formats 1.0).
 * - `int4`: 4 bits, and for each group of 32 a 16-bit scale, as Kimi K2.5 comes (compressed-tensors, `pack-quantized`, group_size 32);
 *   checkpoints with groups of 128 take 8 % less.
 * - `awq`, `gptq`: 4 bits, and for each group of 128 a 16-bit scale and a 4-bit zero.
 */
export const bytesPerParameter = {
  f32: 4,
  bf16: 2,
  f16: 2,
  fp8: 1,
  int8: 1,
  int4: (16 + 2) / 32,
  awq: (64 + 2 + 0.5) / 128,
  gptq: (64 + 2 + 0.5) / 128,
  mxfp4: 17 / 32,
  q8_0: 34 / 32,
  q6_k: 210 / 256,
  q5_k_m: 5.7036 / 8,
  q5_k_s: 5.5704 / 8,
  q5_1: 24 / 32,
  q5_0: 22 / 32,
  q4_k_m: 4.8944 / 8,
  q4_k_s: 4.6672 / 8,
  q4_1: 20 / 32,
  q4_0: 18 / 32,
  iq4_xs: 4.4597 / 8,
  q3_k_l: 4.2979 / 8,
  q3_k_s: 3.6429 / 8,
  q2_k: 3.1593 / 8,
} as const;

/** How weights are stored. */
export type Quantization = keyof typeof bytesPerParameter;

/** The engines that memory can be reckoned for. */
export type Engine = 'vllm' | 'llamacpp';

const onlyVllm: readonly Quantization[] = ['fp8', 'int8', 'int4', 'awq', 'gptq'];
const all = Object.keys(bytesPerParameter) as [Quantization, ...Quantization[]];

/** The quantisations that an engine reads; the first is what is reckoned with when nothing is said. */
export const quantizations: Record<Engine, readonly [Quantization, ...Quantization[]]> = {
  vllm: ['bf16', 'f16', 'mxfp4', ...onlyVllm],
  llamacpp: ['q4_k_m', ...all.filter((one) => one !== 'q4_k_m' && !onlyVllm.includes(one))],
};

/* vLLM documentation, Quantization: the table of supported hardware, and FP8 W8A8 (below 8.9 as weights only, from 7.5 on). */
const leastCapability: Partial<Record<Quantization, number>> = { fp8: 7.5, awq: 7.5, gptq: 7 };
const notOnAmd: readonly Quantization[] = ['awq', 'gptq'];

/** Whether vLLM reads weights in that format on a GPU; what is not known of the GPU does not speak against it. */
export function canRead(name: Quantization, { vendor, computeCapability }: Device): boolean {
  if (vendor === 'amd') return !notOnAmd.includes(name);
  return (computeCapability ?? Number.POSITIVE_INFINITY) >= (leastCapability[name] ?? 0);
}

/** All names, for schemas. */
export const quantizationNames = all;

/**
 * Bytes of all weights. All experts of a mixture count: all must be resident. vLLM's formats leave the embeddings and the output
 * matrix in 16 bits: they are reckoned so where the architecture tells their size.
 */
export function weightsBytesOf(parameters: number, name: Quantization, shape: KnownNumbers = {}): number {
  const { vocabulary, embedding } = shape;
  const isPartial = onlyVllm.includes(name) && vocabulary !== undefined && embedding !== undefined;
  const whole = isPartial ? Math.min(2 * vocabulary * embedding, parameters) : 0;
  return Math.round((parameters - whole) * bytesPerParameter[name] + whole * bytesPerParameter.bf16);
}
