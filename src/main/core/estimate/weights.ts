/**
 * Bytes for one parameter in the usual precisions. Block formats carry their scales: llama.cpp's ggml-common.h gives
 * q8_0 34 bytes for 32 values, q4_0 18 for 32, q6_K 210 for 256, q5_K 176 for 256, q4_K 144 for 256. `q4_k_m` mixes q4_K with
 * q6_K: about 4.85 bits in published files. `mxfp4` is 17 bytes for 32 (OCP Microscaling Formats 1.0).
 */
export const bytesPerParameter = {
  f32: 4,
  bf16: 2,
  f16: 2,
  fp8: 1,
  q8_0: 34 / 32,
  q6_k: 210 / 256,
  q5_k: 176 / 256,
  q4_k_m: 4.85 / 8,
  q4_k: 144 / 256,
  q4_0: 18 / 32,
  mxfp4: 17 / 32,
} as const;

export type Precision = keyof typeof bytesPerParameter;

/** Bytes of a model's weights when all parameters have one precision. All experts of a mixture count: all must be resident. */
export function weightsBytes(parameters: number, precision: Precision): number {
  return Math.round(parameters * bytesPerParameter[precision]);
}
