import { z } from 'zod';

/** The name of a tool-call parser of vLLM. */
export const toolParserName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "use vLLM's name for the parser, as in mistral, or none");

/**
 * Options of vLLM that a site may set; vLLM decides what is left out. CONTRIBUTING.md says how to allow
 * one more.
 */
export const vllmOptions = z.strictObject({
  tensorParallel: z.int().min(1).max(64).optional(),
  pipelineParallel: z.int().min(1).max(64).optional(),
  gpuMemoryUtilization: z.number().min(0.05).max(0.99).optional(),
  maxNumSeqs: z.int().min(1).max(8192).optional(),
  maxNumBatchedTokens: z.int().min(256).max(1_048_576).optional(),
  /** vLLM's parser for agents and chat with tools: `mistral`, `llama3_json`, `hermes` …; `none` for a model that calls no tools. */
  toolCallParser: toolParserName.optional(),
  /** Path of a Jinja file on this machine, for models without a chat template. */
  chatTemplate: z.string().min(1).max(4096).optional(),
  tokenizerMode: z.enum(['auto', 'mistral']).optional(),
  /** Lets vLLM run Python code from the model's folder. The container has no network access, but the code sees the GPUs and the prompts. */
  trustRemoteCode: z.boolean().optional(),
  /** Catalogue row with the arguments for vLLM, if `name` is not a catalogue id. */
  catalogId: z
    .string()
    .max(200)
    .regex(/^[a-z0-9][a-z0-9.-]*$/, 'use an id listed by "sealift models"')
    .optional(),
});

export type VllmOptions = z.infer<typeof vllmOptions>;

/** Returns how many GPUs the parallelism that a site file sets needs; 1 where it sets none. */
export function gpusOfParallel(own: Pick<VllmOptions, 'tensorParallel' | 'pipelineParallel'> = {}): number {
  return (own.tensorParallel ?? 1) * (own.pipelineParallel ?? 1);
}

/**
 * The argument of `vllm serve` that carries each option, in the order of the command line. Null where `vllm-container.ts` works out the
 * argument itself, because it takes more than the value of the site file.
 */
export const vllmArgumentNames = {
  gpuMemoryUtilization: '--gpu-memory-utilization',
  maxNumSeqs: '--max-num-seqs',
  maxNumBatchedTokens: '--max-num-batched-tokens',
  tokenizerMode: '--tokenizer-mode',
  tensorParallel: null,
  pipelineParallel: null,
  toolCallParser: null,
  chatTemplate: null,
  trustRemoteCode: null,
  catalogId: null,
} as const satisfies Record<keyof VllmOptions, string | null>;
