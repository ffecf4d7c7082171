import { z } from 'zod';

const source = z.string().min(1);
const count = z.int().positive();
/** A version of vLLM: 0.18.1, 0.6.4.post1. */
export const vllmVersion = z.string().regex(/^\d+\.\d+\.\d+(?:\.post\d+)?$/);

const switchOnly = /^$/;
const vllmName = /^ [a-z0-9][a-z0-9_]{0,62}$/;
/* What may follow each argument. `--trust-remote-code` is given only where the site file allows it. */
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
/** An argument of vLLM that the catalogue may ask for, with its value: nothing else of the catalogue gets into a command line. */
const vllmFlag = z.string().refine(
  (flag) => {
    const [name = ''] = flag.split(' ');
    return Object.hasOwn(vllmValues, name) && vllmValues[name]?.test(flag.slice(name.length)) === true;
  },
  `give one of ${Object.keys(vllmValues).join(', ')}, with one of the values that it may have`,
);

/**
 * The weights as the publisher gives them out. `basis`: `listed` is the sum of the sizes that the repository lists, `published` a round
 * number of somebody's, `derived` what `formula` gives, because nothing else was found.
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
    message: 'derived numbers, and only these, need a formula',
  });

/** The numbers of a model's configuration; those that nobody was found to tell are missing. */
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
  /** Of a hybrid: layers that keep keys and values at all. */
  kvLayers: count.optional(),
  /** Key-value heads and head size of the layers without a window, where they differ from the others. */
  globalKvHeads: count.optional(),
  globalHeadDim: count.optional(),
  /** Of a mixture: all routed experts, and how many of them one token uses. */
  experts: count.optional(),
  activeExperts: count.optional(),
  /** Multi-head latent attention: rank of keys and values, and size of the part with positions. */
  kvLoraRank: count.optional(),
  ropeHeadDim: count.optional(),
  /** Of sparse attention: values of the index that each layer keeps for one token besides. */
  indexHeadDim: count.optional(),
  source,
});

/** What a model needs of those who serve it; each part with its source, and missing where nothing was found. */
export const servingFacts = z.strictObject({
  licence: z.strictObject({ name: z.string().min(1), source }).optional(),
  /** Whether the repository brings one (`differs`: not every copy does). Without one vLLM answers 404 to chat requests until it is given one. */
  chatTemplate: z
    .strictObject({ kind: z.enum(['own', 'none', 'differs']), note: z.string().min(1), source })
    .optional(),
  /** The oldest vLLM that serves it and the arguments that its publisher or vLLM ask for. */
  vllm: z.strictObject({ minimumVersion: vllmVersion.optional(), flags: z.array(vllmFlag), source }).optional(),
  /** Files for the embedded engine, quantised by others than the publisher unless the repository is the publisher's. */
  gguf: z
    .array(
      z.strictObject({
        quantization: z.string().regex(/^[a-z0-9_]+$/),
        repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
        /** Name, with `*` for what differs between its parts. */
        file: z.string().regex(/^[\w.*-]+\.gguf$/),
        bytes: count.optional(),
        source,
      }),
    )
    .default([]),
});
