import type { KnownNumbers } from './architecture.ts';
import type { Device } from './device.ts';

/**
 * Bytes per parameter.
 * - Block formats include their scales (llama.cpp's ggml-common.h): q8_0 34 bytes for 32 values, q5_1 24, q5_0 22, q4_1 20, q4_0 18
 *   for 32, q6_K 210 for 256. The mixes (`_k_m`, `_k_s`, q2_k, iq4_xs) are averages over whole files, as measured on llama.cpp's
 *   quantize page with Llama 3.1 8B.
 * - `mxfp4`: 17 bytes for 32 (OCP Microscaling Formats 1.0).
 * - `nvfp4`: 4 bits plus an 8-bit scale per group of 16 (vLLM, quantization/modelopt.py).
 * - `int4`: 4 bits plus a 16-bit scale per group of 32, as in Kimi K2.5 (compressed-tensors, `pack-quantized`, group_size 32);
 *   checkpoints with groups of 128 are 8 % smaller.
 * - `awq`, `gptq`: 4 bits plus a 16-bit scale and a 4-bit zero per group of 128.
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
  nvfp4: 9 / 16,
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

/** Storage format of weights. */
export type Quantization = keyof typeof bytesPerParameter;

/** The engines that memory can be estimated for. */
export type Engine = 'vllm' | 'llamacpp';

const onlyVllm: readonly Quantization[] = ['fp8', 'int8', 'int4', 'awq', 'gptq', 'nvfp4'];
const all = Object.keys(bytesPerParameter) as [Quantization, ...Quantization[]];

/** The quantisations that each engine reads; the first is the default for estimates. */
export const quantizations: Record<Engine, readonly [Quantization, ...Quantization[]]> = {
  vllm: ['bf16', 'f16', 'mxfp4', ...onlyVllm],
  llamacpp: ['q4_k_m', ...all.filter((one) => one !== 'q4_k_m' && !onlyVllm.includes(one))],
};

/* vLLM documentation, Quantization: the table of supported hardware, and FP8 W8A8 (below 8.9 as weights only, from 7.5 on). */
const leastCapability: Partial<Record<Quantization, number>> = { fp8: 7.5, awq: 7.5, gptq: 7 };
const notOnAmd: readonly Quantization[] = ['awq', 'gptq'];

/** Returns whether vLLM reads weights in that format on a GPU; unknown properties of the GPU do not rule it out. */
export function canRead(name: Quantization, { vendor, computeCapability }: Device): boolean {
  if (vendor === 'amd') return !notOnAmd.includes(name);
  return (computeCapability ?? Number.POSITIVE_INFINITY) >= (leastCapability[name] ?? 0);
}

/** All names, for schemas. */
export const quantizationNames = all;

/**
 * Returns the bytes of all weights, including all experts of a mixture, because all must be in memory. vLLM's formats leave the embeddings
 * and the output matrix in 16 bits, which is taken into account if the architecture contains their size.
 */
export function weightsBytesOf(parameters: number, name: Quantization, shape: KnownNumbers = {}): number {
  const { vocabulary, embedding } = shape;
  const isPartial = onlyVllm.includes(name) && vocabulary !== undefined && embedding !== undefined;
  const whole = isPartial ? Math.min(2 * vocabulary * embedding, parameters) : 0;
  return Math.round((parameters - whole) * bytesPerParameter[name] + whole * bytesPerParameter.bf16);
}
