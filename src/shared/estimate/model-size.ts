import { z } from 'zod';
import { knownNumbers, missingNumbers } from './architecture.ts';
import { bytesPerParameter, type Engine, quantizationNames, quantizations, weightsBytesOf } from './quantization.ts';

/** What is known of a model's size, from the catalogue, a configuration or a file. */
export const modelSize = z.object({
  name: z.string().max(500),
  parameters: z.int().positive().max(1e14).optional(),
  weights: z
    .object({
      bytes: z.int().positive(),
      quantization: z.string().max(50),
      /**
       * `exact`: summed up from the file; `listed`: the sum of the sizes that the repository lists; `published`: somebody's round
       * number; `counted`: parameters times bytes.
       */
      origin: z.enum(['exact', 'listed', 'published', 'counted']),
    })
    .optional(),
  /** The part that sees, projector included, where `parameters` and `weights` leave it out; without parameters: of unknown size. */
  vision: z.object({ parameters: z.int().positive().max(1e14).optional() }).optional(),
  architecture: knownNumbers.default({}),
  /** True when parameters were worked out from a configuration, not told. */
  isDerived: z.boolean().default(false),
});
export type ModelSize = z.infer<typeof modelSize>;

/** The weights as they are stored, and how far off the number may be (factors). */
export interface Weights {
  bytes: number;
  low: number;
  high: number;
  /** Of `bytes`, what the part that sees takes. */
  visionBytes?: number;
}

/* "About 61 GB" of a page may be GB or GiB: up to 7.4 % more. Listings print three figures, and count headers of files. */
const spread = {
  exact: [1, 1],
  listed: [0.99, 1.01],
  published: [1, 2 ** 30 / 1e9],
  counted: [0.98, 1.05],
} as const;
/* From groups of 128 values (8 % less) to attention in 16 bits (Kimi K2.5: 6 % more). */
const int4Spread = [0.91, 1.1] as const;
/* Worked out for a gated, Llama-like model: others differ. */
const derivedSpread = [0.9, 1.1] as const;
/** What a part that sees and whose size nobody told may take: 1e9 parameters in 16 bits. SigLIP, Pixtral and Qwen2.5-VL have 0.4 to 0.7e9. */
export const uncountedVisionBytes = 2e9;

/**
 * What is reckoned with when nothing is said: what the model comes in where the engine reads that (a file as it is; llama.cpp takes
 * a published format only when it is smaller than its usual one), else the engine's usual one.
 */
export function usualQuantization({ weights }: ModelSize, engine: Engine): string {
  const usual = quantizations[engine][0];
  if (!weights || weights.origin === 'exact') return weights?.quantization ?? usual;
  const own = quantizations[engine].find((one) => one === weights.quantization);
  if (!own) return usual;
  return engine === 'vllm' || bytesPerParameter[own] < bytesPerParameter[usual] ? own : usual;
}

/** The weights in one quantisation: as published or measured when it is the model's own, else by its parameters; undefined when unknown. */
export function weightsIn(size: ModelSize, quantization: string): Weights | undefined {
  const { weights, parameters } = size;
  const name = quantizationNames.find((one) => one === quantization);
  if (weights && (weights.quantization === quantization || (is16(weights.quantization) && is16(quantization)))) {
    const [low, high] = size.isDerived ? derivedSpread : spread[weights.origin];
    return { bytes: weights.bytes, low, high };
  }
  if (parameters === undefined || !name) return undefined;
  const [low, high] = size.isDerived ? derivedSpread : name === 'int4' ? int4Spread : spread.counted;
  return { bytes: weightsBytesOf(parameters, name, size.architecture), low, high };
}

/**
 * The weights that an engine loads. vLLM loads the part that sees too, in 16 bits, as quantised checkpoints leave it; the embedded
 * llama.cpp does not. Where its size is not known, the high end alone is raised.
 */
export function loadedWeights(size: ModelSize, quantization: string, engine: Engine): Weights | undefined {
  const weights = weightsIn(size, quantization);
  if (!weights || !size.vision || engine !== 'vllm') return weights;
  const { parameters } = size.vision;
  if (parameters === undefined) return { ...weights, high: weights.high + uncountedVisionBytes / weights.bytes };
  const visionBytes = parameters * bytesPerParameter.bf16;
  return { ...weights, bytes: weights.bytes + visionBytes, visionBytes };
}

/** Numbers that an estimate in this quantisation lacks, as people call them. */
export function missingOf(size: ModelSize, quantization: string): string[] {
  const weights = weightsIn(size, quantization) ? [] : [size.weights ? 'number of parameters' : 'size of the weights'];
  return [...weights, ...missingNumbers(size.architecture)];
}

function is16(name: string): boolean {
  return name === 'bf16' || name === 'f16';
}
