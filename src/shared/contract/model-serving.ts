import { z } from 'zod';
import { reckonedEngine } from './estimate.ts';

const bytes = z.int().nonnegative();

/** How vLLM is spread over GPUs, and why in words. */
export const vllmParallel = z.object({
  tensorParallel: z.int().positive(),
  pipelineParallel: z.int().positive(),
  /** `not-known`: the GPUs or the model could not be looked at, and one GPU is taken. */
  chosenBy: z.enum(['site-file', 'rule', 'not-known']),
  why: z.array(z.string()),
});
export type VllmParallel = z.infer<typeof vllmParallel>;

/** Memory in its parts, and what it is enough for; what is absent is not known. Of all devices together. */
const figures = z.object({
  weightsBytes: bytes.optional(),
  kvCacheBytes: bytes.optional(),
  computeBytes: bytes.optional(),
  overheadBytes: bytes.optional(),
  totalBytes: bytes.optional(),
  /** Tokens that requests can hold together. */
  kvCapacityTokens: bytes.optional(),
  /** Requests with the whole context at a time. */
  maxConcurrency: z.number().nonnegative().optional(),
});
export type MemoryFigures = z.infer<typeof figures>;

/** What a model server was reckoned to take, beside what its engine says that it takes. */
export const modelServing = z.object({
  engine: reckonedEngine,
  contextTokens: z.int().positive(),
  /** vLLM only. */
  parallel: vllmParallel.optional(),
  /** Null when a number of the model is not known. */
  estimate: figures.nullable(),
  /** Null when the engine has not told, or not in words that are known. */
  measured: figures.nullable(),
  /** Where the measured numbers come from, in words. */
  measuredBy: z.string(),
});
export type ModelServing = z.infer<typeof modelServing>;
