import { z } from 'zod';

const source = z.string().min(1);
const count = z.int().positive();
/** A version of vLLM: 0.18.1, 0.6.4.post1. */
export const vllmVersion = z.string().regex(/^\d+\.\d+\.\d+(?:\.post\d+)?$/);

const switchOnly = /^$/;
const vllmName = /^ [a-z0-9][a-z0-9_-]{0,62}$/;
/* Allowed values of each argument. `--trust-remote-code` is passed only if the site file allows it. */
const vllmValues: Record<string, RegExp> = {
  '--enable-auto-tool-choice': switchOnly,
  '--trust-remote-code': switchOnly,
  '--tool-call-parser': vllmName,
  '--reasoning-parser': vllmName,
  '--tokenizer-mode': /^ (auto|mistral)$/,
  '--config-format': /^ (auto|hf|mistral)$/,
  '--load-format': /^ (auto|safetensors|mistral)$/,
  '--chat-template-content-format': /^ (auto|string|openai)$/,
};
/** A vLLM argument that the catalogue may set, with its value. Nothing else from the catalogue gets into a command line. */
const vllmFlag = z.string().refine(
  (flag) => {
    const [name = ''] = flag.split(' ');
    return Object.hasOwn(vllmValues, name) && vllmValues[name]?.test(flag.slice(name.length)) === true;
  },
  `must be one of ${Object.keys(vllmValues).join(', ')}, with an allowed value`,
);

/**
 * The published weights. `basis`: `listed` is the sum of the sizes listed in the repository, `published` a published round number, `derived`
 * the result of `formula`, because nothing else was found.
 */
export const weightsFacts = z
  .strictObject({
    bytes: count,
    precision: z.enum(['bf16', 'fp8', 'mxfp4', 'int4']),
    basis: z.enum(['listed', 'published', 'derived']),
    formula: z.string().min(1).optional(),
    source,
  })
  .refine((one) => (one.basis === 'derived') === (one.formula !== undefined), {
    message: 'derived numbers need a formula, and only those',
  });

/** The numbers in a model's configuration; those without a source are absent. */
export const architectureFacts = z.strictObject({
  layers: count.optional(),
  /** Attention heads. */
  heads: count.optional(),
  kvHeads: count.optional(),
  headDim: count.optional(),
  /** Hidden size. */
  embedding: count.optional(),
  feedForward: count.optional(),
  vocabulary: count.optional(),
  contextTokens: count.optional(),
  slidingLayers: count.optional(),
  slidingWindowTokens: count.optional(),
  /** Hybrid: number of layers that keep keys and values. */
  kvLayers: count.optional(),
  /** Key-value heads and head size of the layers without a window, if they differ from the others. */
  globalKvHeads: count.optional(),
  globalHeadDim: count.optional(),
  /** Mixture: number of routed experts, and how many of them one token uses. */
  experts: count.optional(),
  activeExperts: count.optional(),
  /** Multi-head latent attention: rank of keys and values, and size of the part with positions. */
  kvLoraRank: count.optional(),
  ropeHeadDim: count.optional(),
  /** Sparse attention: index values that each layer additionally keeps per token. */
  indexHeadDim: count.optional(),
  source,
});

/** What serving a model requires; each part has its source, and is absent if nothing was found. */
export const servingFacts = z.strictObject({
  licence: z.strictObject({ name: z.string().min(1), source }).optional(),
  /** Whether the repository includes a chat template (`differs`: not every copy does). Without one vLLM rejects chat requests. */
  chatTemplate: z
    .strictObject({ kind: z.enum(['own', 'none', 'differs']), note: z.string().min(1), source })
    .optional(),
  /** The oldest vLLM version that serves it, and the arguments required by its publisher or by vLLM. */
  vllm: z.strictObject({ minimumVersion: vllmVersion.optional(), flags: z.array(vllmFlag), source }).optional(),
  /** Files of the repository that no engine here loads, by patterns with `*`; they do not travel. */
  leaveOut: z.strictObject({ files: z.array(z.string().min(1)).min(1), source }).optional(),
  /** Files for the embedded engine, quantised by third parties unless the repository is the publisher's. */
  gguf: z
    .array(
      z.strictObject({
        quantization: z.string().regex(/^[a-z0-9_]+$/),
        repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
        /** File name, with `*` for what differs between its parts. */
        file: z.string().regex(/^[\w.*-]+\.gguf$/),
        bytes: count.optional(),
        source,
      }),
    )
    .default([]),
});
