import { z } from 'zod';
import { modelSize } from '../estimate/model-size.ts';
import { machine } from '../machine.ts';
import { servingFacts, weightsFacts } from '../model-facts.ts';
import { call } from '../rpc/contract.ts';
import { sizing } from '../sizing.ts';
import { gitlabMinimum, memoryEstimate } from './estimate.ts';

/** Where a model runs; `cloud` leaves the network. */
export const modelHosting = z.enum(['self-hosted', 'cloud']);
export type ModelHosting = z.infer<typeof modelHosting>;

/** What GitLab Duo can do with a model; the words of the command line are the same in kebab-case. */
export const modelFeature = z.enum(['codeCompletion', 'codeGeneration', 'chat', 'agentPlatform']);
export type ModelFeature = z.infer<typeof modelFeature>;

const bytes = z.int().nonnegative();
const word = z.string().nullable();

/** What an estimate and a plan of it say alike. */
const plan = memoryEstimate
  .pick({
    engine: true,
    quantization: true,
    contextTokens: true,
    concurrency: true,
    tensorParallel: true,
    pipelineParallel: true,
    totalBytes: true,
    verdict: true,
  })
  .extend({
    /** How many GPUs share the model; 0: in memory. */
    gpus: z.int().nonnegative(),
  });

/** Whether a model fits a machine, by the estimate: with its numbers, so that nobody has to believe it. */
const fit = plan.extend({
  ...memoryEstimate.pick({
    reason: true,
    weightsBytes: true,
    kvCacheBytes: true,
    computeBytes: true,
    overheadBytes: true,
    maxConcurrency: true,
  }).shape,
  availableBytes: bytes.nullable(),
  where: z.enum(['gpu', 'memory']),
  /** True when it would run, but with a wait for each word that people do not accept. */
  isSlow: z.boolean(),
  /** What GitLab asks for, which is policy and about twice what a measurement shows. */
  gitlabMinimum: gitlabMinimum.nullable(),
});
export type Fit = z.infer<typeof fit>;

/** What GitLab says of a plan: supported for that version, only compatible (on trial, or by way of any server), or neither. */
const supportTier = z.enum(['supported', 'compatible', 'unsupported']);
export type SupportTier = z.infer<typeof supportTier>;

/** One way to serve one model on the machine, in its place among all others. */
const rankedPlan = plan.extend({
  modelId: z.string(),
  name: z.string(),
  /** True for weights in another form than the publisher's. */
  isConverted: z.boolean(),
  kvType: memoryEstimate.shape.kvType,
  /** The most requests of that context at a time; null when not known. */
  expectedConcurrency: bytes.nullable(),
  isSlow: z.boolean(),
  support: supportTier,
  /** What that rests on, in one sentence. */
  supportText: z.string(),
  /** Of GitLab's page. */
  source: z.string(),
  /** Why it is spread over so many GPUs, and which are left out. */
  spread: z.array(z.string()),
  /** Why it is not the first, in one line; null for the first. */
  whyNot: z.string().nullable(),
});
export type RankedPlan = z.infer<typeof rankedPlan>;

/** One model as GitLab's page for a version speaks of it. */
const modelAnswer = z.object({
  id: z.string(),
  name: z.string(),
  /** The page's own family, else the one to choose in GitLab. */
  family: z.string(),
  /** The value to choose in GitLab. */
  familyEnum: z.string(),
  hfRepo: z.string().nullable(),
  hosting: modelHosting,
  /** In GitLab's own words for that version; null: the page does not say. */
  features: z.object({ codeCompletion: word, codeGeneration: word, chat: word, agentPlatform: word }),
  support: z.string(),
  source: z.string(),
  note: z.string().optional(),
  /** What an estimate is made from. */
  size: modelSize,
  /** Missing: no size is known. */
  weights: weightsFacts.optional(),
  ...servingFacts.shape,
  fit: fit.optional(),
});
export type ModelAnswer = z.infer<typeof modelAnswer>;

/** The models of the catalogue. */
export const models = {
  list: call(
    z.object({
      /** GitLab's version; default: the newest that the catalogue knows. */
      gitlab: z.string().max(50).optional(),
      features: z.array(modelFeature).max(4).default([]),
      /** Only models that run there; default: all. Those in the cloud get no verdicts. */
      hosting: modelHosting.optional(),
      /** A readiness file: adds verdicts for that machine. */
      readinessPath: z.string().min(1).max(4096).optional(),
      /** Adds verdicts for this machine. */
      fitHere: z.boolean().default(false),
      /** A machine as it was found: adds verdicts for it. */
      machine: machine.optional(),
      /** What the verdicts are for; default: 32,768 tokens, one request at a time. */
      contextTokens: z.int().min(256).max(16_777_216).optional(),
      concurrency: z.int().min(1).max(10_000).optional(),
      /** People who will use it: adds a sizing, whose requests at a time count where `concurrency` is not given. */
      users: z.int().min(1).max(100_000).optional(),
      /** There is an image of vLLM for ROCm: without one no AMD GPU counts. */
      hasRocmImage: z.boolean().optional(),
    }),
    z.object({
      gitlab: z.object({
        /** What was asked for; null: the newest. */
        asked: z.string().nullable(),
        /** The versions that the page speaks of. */
        first: z.string(),
        last: z.string(),
        source: z.string(),
        /** What the code in `source` means. */
        sourceText: z.string(),
        /** The oldest vLLM that GitLab asks for; missing: the pages read do not say. */
        vllmMinimum: z.string().optional(),
        /** False: it is not certain that this page is the version's (the nearest one, or judged to be it), as the notes say. */
        isExact: z.boolean(),
      }),
      notes: z.array(z.string()),
      /** With verdicts: best first. Else in the catalogue's order. */
      models: z.array(modelAnswer),
      machine: z.object({ hostname: z.string(), checkedAt: z.iso.datetime().optional() }).optional(),
      /** The first of `plans`, when it fits. */
      recommendation: z.object({ id: z.string(), reason: z.string() }).optional(),
      /** With verdicts: all ways to serve these models on the machine, best first by `rules`. */
      plans: z.array(rankedPlan).optional(),
      rules: z.array(z.string()).optional(),
      /** With `users`. */
      sizing: sizing.optional(),
    }),
  ),
};
