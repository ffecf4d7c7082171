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

/** GitLab Duo features that use a model. The command line accepts the same names in kebab-case. */
export const modelFeature = z.enum(['codeCompletion', 'codeGeneration', 'chat', 'agentPlatform']);
export type ModelFeature = z.infer<typeof modelFeature>;

const bytes = z.int().nonnegative();
const word = z.string().nullable();

/** Fields shared by an estimate and a plan based on it. */
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
    /** How many GPUs share the model; 0: in main memory. */
    gpus: z.int().nonnegative(),
  });

/** Whether a model fits a machine, by the estimate. Includes the numbers, so that the verdict can be checked. */
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
  /** True if it would run, but too slowly for people to accept. */
  isSlow: z.boolean(),
  /** The most tokens per second that one request can get, by how fast the GPUs read the weights; null if unknown. Model servers reach less. */
  topTokensPerSecond: z.number().positive().nullable().default(null),
  /** The basis for `topTokensPerSecond`, or why it is unknown. */
  speedText: z.string().default(''),
  /** GitLab's published minimum: a policy, about twice the measured need. */
  gitlabMinimum: gitlabMinimum.nullable(),
});
export type Fit = z.infer<typeof fit>;

/** GitLab's support for a plan: supported in that version, only compatible (experimental, or through any server), or neither. */
const supportTier = z.enum(['supported', 'compatible', 'unsupported']);
export type SupportTier = z.infer<typeof supportTier>;

/** The rules that can put a plan behind the first, in their order; `equal`: none does. */
const rankingRule = z.enum([
  'fit',
  'tier',
  'trial',
  'speed',
  'memory',
  'tightness',
  'features',
  'weights',
  'size',
  'equal',
]);
export type RankingRule = z.infer<typeof rankingRule>;

/** One way to serve one model on the machine, ranked among all others. */
const rankedPlan = plan.extend({
  modelId: z.string(),
  name: z.string(),
  /** True if the weights are in a format other than the publisher's. */
  isConverted: z.boolean(),
  kvType: memoryEstimate.shape.kvType,
  /** The most concurrent requests with that context; null if unknown. */
  expectedConcurrency: bytes.nullable(),
  isSlow: z.boolean(),
  support: supportTier,
  /** The basis for `support`, in one sentence. */
  supportText: z.string(),
  /** GitLab's page. */
  source: z.string(),
  /** Why it uses this number of GPUs, and which ones it leaves unused. */
  spread: z.array(z.string()),
  /** Why it is not ranked first, in one line; null for the first. */
  whyNot: z.string().nullable(),
  /** The rule behind `whyNot`; absent for the first. */
  behindBy: rankingRule.optional(),
});
export type RankedPlan = z.infer<typeof rankedPlan>;

/** One model, as described by GitLab's page for a version. */
const modelAnswer = z.object({
  id: z.string(),
  name: z.string(),
  /** The family on that page, or otherwise the one to choose in GitLab. */
  family: z.string(),
  /** The value to choose in GitLab. */
  familyEnum: z.string(),
  hfRepo: z.string().nullable(),
  hosting: modelHosting,
  /** In GitLab's own words for that version; null if the page does not say. */
  features: z.object({ codeCompletion: word, codeGeneration: word, chat: word, agentPlatform: word }),
  support: z.string(),
  source: z.string(),
  note: z.string().optional(),
  /** The input for an estimate. */
  size: modelSize,
  /** Absent if the size is unknown. */
  weights: weightsFacts.optional(),
  ...servingFacts.shape,
  fit: fit.optional(),
});
export type ModelAnswer = z.infer<typeof modelAnswer>;

/** What models must do, and where they should run. */
const wanted = z.object({
  /** GitLab version. Default: the newest one in the catalogue. */
  gitlab: z.string().max(50).optional(),
  /** A readiness file; adds verdicts for that machine. */
  readinessPath: z.string().min(1).max(4096).optional(),
  /** Context and concurrent requests that the verdicts assume. Default: 32,768 tokens, one request. */
  contextTokens: z.int().min(256).max(16_777_216).optional(),
  concurrency: z.int().min(1).max(10_000).optional(),
  /** Number of people who will use it; adds a sizing, whose concurrent requests are the default for `concurrency`. */
  users: z.int().min(1).max(100_000).optional(),
  /** Whether a vLLM image for ROCm exists; without one AMD GPUs are ignored. */
  hasRocmImage: z.boolean().optional(),
});

/** The page that answers for a version, and what is uncertain about it. */
const answeredBy = z.object({
  gitlab: z.object({
    /** The requested version; null: the newest. */
    asked: z.string().nullable(),
    /** The versions that the page covers. */
    first: z.string(),
    last: z.string(),
    source: z.string(),
    /** Explanation of the code in `source`. */
    sourceText: z.string(),
    /** The oldest vLLM version that GitLab requires; absent if its pages do not say. */
    vllmMinimum: z.string().optional(),
    /** False if the page may be for another version (the nearest one was used); the notes have the details. */
    isExact: z.boolean(),
  }),
  notes: z.array(z.string()),
});

/** One model of a set that serves a machine together. */
const plannedModel = rankedPlan.omit({ whyNot: true, behindBy: true }).extend({
  features: z.array(
    z.object({
      feature: modelFeature,
      /** In GitLab's own words for that version; null if the page has no such column. */
      word,
    }),
  ),
  /** The GPUs that it gets, by index; empty: in main memory. */
  gpuIndexes: z.array(z.int().nonnegative()),
});
export type PlannedModel = z.infer<typeof plannedModel>;

/** The models in the catalogue. */
export const models = {
  /** The cheapest set of self-hosted models that covers features on one machine (default: this one). */
  plan: call(
    wanted.extend({ features: z.array(modelFeature).min(1).max(4) }),
    answeredBy.extend({
      machine: z.object({ hostname: z.string(), gpus: z.int().nonnegative() }),
      /** Each feature is served by one of these, and no GPU by two. Null: no set covers the features and fits. */
      models: z.array(plannedModel).nullable(),
      /** Why it is this set, or why there is none. */
      why: z.array(z.string()),
      /** How the cheapest set is chosen. */
      rules: z.array(z.string()),
    }),
  ),
  list: call(
    wanted.extend({
      features: z.array(modelFeature).max(4).default([]),
      /** Only models with this hosting. Default: all. Cloud models get no verdict. */
      hosting: modelHosting.optional(),
      /** Adds verdicts for this machine. */
      fitHere: z.boolean().default(false),
      /** The facts about a machine; adds verdicts for it. */
      machine: machine.optional(),
    }),
    answeredBy.extend({
      /** With verdicts: best first. Otherwise in the order of the catalogue. */
      models: z.array(modelAnswer),
      machine: z.object({ hostname: z.string(), checkedAt: z.iso.datetime().optional() }).optional(),
      /** The first of `plans`, if it fits and GitLab supports it or counts it as compatible. */
      recommendation: z.object({ id: z.string(), reason: z.string() }).optional(),
      /** With verdicts: all ways to serve these models on the machine, best first according to `rules`. */
      plans: z.array(rankedPlan).optional(),
      rules: z.array(z.string()).optional(),
      /** With `users`. */
      sizing: sizing.optional(),
    }),
  ),
};
