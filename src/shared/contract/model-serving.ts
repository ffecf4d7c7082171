import { z } from 'zod';
import { estimatedEngine } from './estimate.ts';

const bytes = z.int().nonnegative();

/** How vLLM is spread over GPUs, and why. */
export const vllmParallel = z.object({
  tensorParallel: z.int().positive(),
  pipelineParallel: z.int().positive(),
  /** `not-known`: the GPUs or the model could not be examined, so one GPU is used. */
  chosenBy: z.enum(['site-file', 'rule', 'not-known']),
  why: z.array(z.string()),
});
export type VllmParallel = z.infer<typeof vllmParallel>;

/** Memory by purpose on all devices together, and what it suffices for. Absent fields are unknown. */
const figures = z.object({
  weightsBytes: bytes.optional(),
  kvCacheBytes: bytes.optional(),
  computeBytes: bytes.optional(),
  overheadBytes: bytes.optional(),
  totalBytes: bytes.optional(),
  /** Tokens that all requests together can hold. */
  kvCapacityTokens: bytes.optional(),
  /** Concurrent requests with a full context. */
  maxConcurrency: z.number().nonnegative().optional(),
});
export type MemoryFigures = z.infer<typeof figures>;

/** The estimated memory of a model server, next to what its engine reports. */
export const modelServing = z.object({
  engine: estimatedEngine,
  contextTokens: z.int().positive(),
  /** vLLM only. */
  parallel: vllmParallel.optional(),
  /** Null if a number of the model is unknown. */
  estimate: figures.nullable(),
  /** Null if the engine has reported nothing, or nothing that Sealift understands. */
  measured: figures.nullable(),
  /** Where the measured numbers come from. */
  measuredBy: z.string(),
});
export type ModelServing = z.infer<typeof modelServing>;
