import { z } from 'zod';
import { modelFeature } from '../../../shared/contract/models.ts';

const source = z.string().min(1);
const version = z.string().regex(/^\d{2}\.\d{1,2}$/);
const count = z.int().positive();

/** What a word of GitLab's means for filters and ranking; `listed`: the model is named without a word for the feature. */
const supportLevel = z.enum(['full', 'partial', 'listed', 'none']);
export type SupportLevel = z.infer<typeof supportLevel>;

const page = z.strictObject({
  id: version,
  first: version,
  /** Inclusive. */
  last: version,
  source,
  /** The features that the page speaks of. */
  columns: z.array(modelFeature),
  note: z.string().optional(),
});

const word = z.string().min(1).nullable();
const support = z.strictObject({
  page: version,
  /** As the page prints it. */
  name: z.string().min(1),
  family: z.string().min(1).nullable(),
  state: z.string().min(1),
  /** These four in the page's own words; null: the page does not say. */
  codeCompletion: word,
  codeGeneration: word,
  chat: word,
  agentPlatform: word,
  source,
  note: z.string().optional(),
});

const weights = z
  .strictObject({
    bytes: count,
    precision: z.enum(['bf16', 'fp8', 'mxfp4']),
    /** True when nobody published the number and it was worked out by `formula`. */
    derived: z.boolean(),
    formula: z.string().optional(),
    source,
  })
  .refine((one) => one.derived === (one.formula !== undefined), {
    message: 'derived numbers, and only these, need a formula',
  });

const architecture = z.strictObject({
  layers: count,
  kvHeads: count,
  headDim: count,
  contextTokens: count,
  slidingLayers: count.optional(),
  slidingWindowTokens: count.optional(),
  source,
});

const model = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  name: z.string().min(1),
  hosting: z.enum(['self-hosted', 'cloud']),
  hfRepo: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/)
    .nullable(),
  familyEnum: z.enum([
    'MISTRAL',
    'LLAMA3',
    'CODEGEMMA',
    'CODESTRAL',
    'CODELLAMA',
    'DEEPSEEKCODER',
    'CLAUDE_3',
    'GPT',
    'MIXTRAL',
    'GENERAL',
    'GEMINI',
  ]),
  parameters: z.strictObject({ count, source }).optional(),
  weights: weights.optional(),
  architecture: architecture.optional(),
  support: z.array(support).min(1),
});

/** `resources/catalog/models.yaml`: which models GitLab names, for which versions, in which words. */
export const modelCatalog = z.strictObject({
  version: z.literal(1),
  /** What the source codes of pages and rows mean. */
  sources: z.record(z.string(), z.string()),
  pages: z.array(page).min(1),
  words: z.record(z.string(), supportLevel),
  /** What the states of rows mean: supported by GitLab, or only on trial. */
  states: z.record(z.string(), z.enum(['supported', 'trial'])),
  models: z.array(model),
});
export type ModelCatalog = z.infer<typeof modelCatalog>;
export type CatalogModel = z.infer<typeof model>;
export type CatalogPage = z.infer<typeof page>;
export type SupportRow = z.infer<typeof support>;
