import { z } from 'zod';
import { knownNumbers, missingNumbers } from './architecture.ts';
import { bytesPerParameter, type Engine, quantizationNames, quantizations, weightsBytesOf } from './quantization.ts';

/** What is known about a model's size, from the catalogue, a configuration or a file. */
export const modelSize = z.object({
  name: z.string().max(500),
  parameters: z.int().positive().max(1e14).optional(),
  weights: z
    .object({
      bytes: z.int().positive(),
      quantization: z.string().max(50),
      /**
       * `exact`: summed up from the file; `listed`: the sum of the sizes listed in the repository; `published`: a published round number;
       * `counted`: parameters times bytes.
       */
      origin: z.enum(['exact', 'listed', 'published', 'counted']),
    })
    .optional(),
  /** The vision encoder with its projector, if `parameters` and `weights` leave it out; its size is unknown without `parameters`. */
  vision: z.object({ parameters: z.int().positive().max(1e14).optional() }).optional(),
  architecture: knownNumbers.default({}),
  /** Error range (factors) of parameters and weights that were calculated from a configuration. */
  spread: z.object({ low: z.number().positive(), high: z.number().positive() }).optional(),
  /** Keys of a configuration that concern the weights and are not understood; the size of the weights is unknown then. */
  unread: z.array(z.string().max(300)).max(100).optional(),
  /** The storage format of the weights, if its size is unknown. */
  unknownFormat: z.string().max(50).optional(),
});
export type ModelSize = z.infer<typeof modelSize>;

/** The size of the weights, and its uncertainty as factors. */
export interface Weights {
  bytes: number;
  low: number;
  high: number;
  /** Share of the vision encoder in `bytes`. */
  visionBytes?: number;
}

/* "About 61 GB" on a page may mean GB or GiB: up to 7.4 % more. Listings print three figures, and include file headers. */
const spread = {
  exact: [1, 1],
  listed: [0.99, 1.01],
  published: [1, 2 ** 30 / 1e9],
  counted: [0.98, 1.05],
} as const;
/* Ranges from groups of 128 values (8 % less) to attention in 16 bits (Kimi K2.5: 6 % more). */
const int4Spread = [0.91, 1.1] as const;
/** Allowance for a vision encoder of unknown size: 1e9 parameters in 16 bits. SigLIP, Pixtral and Qwen2.5-VL have 0.4 to 0.7e9. */
export const uncountedVisionBytes = 2e9;

/**
 * Returns the default quantisation for an estimate: the one the model is published in if the engine reads it (llama.cpp only if it is
 * smaller than its usual one; a file is used as it is), otherwise the engine's usual one.
 */
export function usualQuantization({ weights, unknownFormat }: ModelSize, engine: Engine): string {
  const usual = quantizations[engine][0];
  if (unknownFormat !== undefined && engine === 'vllm') return unknownFormat;
  if (!weights || weights.origin === 'exact') return weights?.quantization ?? usual;
  if (engine === 'vllm') return weights.quantization;
  const own = quantizations[engine].find((one) => one === weights.quantization);
  return own && bytesPerParameter[own] < bytesPerParameter[usual] ? own : usual;
}

/** Returns the weights in one quantisation: the known size if it is the model's own, otherwise calculated from its parameters; undefined if unknown. */
export function weightsIn(size: ModelSize, quantization: string): Weights | undefined {
  const { weights, parameters } = size;
  const name = quantizationNames.find((one) => one === quantization);
  if (weights && (weights.quantization === quantization || (is16(weights.quantization) && is16(quantization)))) {
    const [low, high] = spread[weights.origin];
    return { bytes: weights.bytes, low, high, ...size.spread };
  }
  // The name of a method whose numbers are not understood is no size: GPTQ has 2 to 8 bits, also mixed.
  if (parameters === undefined || !name || name === size.unknownFormat) return undefined;
  const [low, high] = name === 'int4' ? int4Spread : spread.counted;
  const { low: less, high: more } = size.spread ?? { low: 1, high: 1 };
  return { bytes: weightsBytesOf(parameters, name, size.architecture), low: low * less, high: high * more };
}

/**
 * Returns the weights that an engine loads. vLLM also loads the vision encoder, in 16 bits, because quantised checkpoints leave it that
 * way; the embedded llama.cpp does not. If its size is unknown, only the high end is raised.
 */
export function loadedWeights(size: ModelSize, quantization: string, engine: Engine): Weights | undefined {
  const weights = weightsIn(size, quantization);
  if (!weights || !size.vision || engine !== 'vllm') return weights;
  const { parameters } = size.vision;
  if (parameters === undefined) return { ...weights, high: weights.high + uncountedVisionBytes / weights.bytes };
  const visionBytes = parameters * bytesPerParameter.bf16;
  return { ...weights, bytes: weights.bytes + visionBytes, visionBytes };
}

/** Returns the names of the numbers that an estimate in this quantisation lacks. */
export function missingOf(size: ModelSize, quantization: string): string[] {
  const weights = weightsIn(size, quantization) ? [] : [missingWeights(size, quantization)];
  const unread = (size.unread ?? []).map((key) => `the meaning of ${key} in its configuration`);
  return [...new Set([...weights, ...unread, ...missingNumbers(size.architecture)])];
}

function missingWeights({ weights, unknownFormat }: ModelSize, quantization: string): string {
  if (unknownFormat === quantization) return `size of the weights in the format ${unknownFormat}`;
  return weights ? 'number of parameters' : 'size of the weights';
}

function is16(name: string): boolean {
  return name === 'bf16' || name === 'f16';
}
