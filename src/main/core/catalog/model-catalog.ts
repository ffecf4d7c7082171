import { z } from 'zod';
import { modelFeature, modelHosting } from '../../../shared/contract/models.ts';
import { architectureFacts, servingFacts, vllmVersion, weightsFacts } from '../../../shared/model-facts.ts';

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
  /** How its versions were judged; missing where the page or its place among others leaves no doubt. */
  judgedBy: z.string().min(1).optional(),
  /** The oldest vLLM that GitLab asks for in these versions. */
  vllmMinimum: z.strictObject({ version: vllmVersion, source }).optional(),
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

const model = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  name: z.string().min(1),
  hosting: modelHosting,
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
  /** `active`: of a mixture, those that one token uses. */
  parameters: z.strictObject({ count, active: count.optional(), source }).optional(),
  weights: weightsFacts.optional(),
  architecture: architectureFacts.optional(),
  ...servingFacts.shape,
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
