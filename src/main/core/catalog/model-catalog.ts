import { z } from 'zod';
import { modelFeature, modelHosting } from '../../../shared/contract/models.ts';
import { architectureFacts, servingFacts, vllmVersion, weightsFacts } from '../../../shared/model-facts.ts';
import { modelFamily } from '../../../shared/site-file.ts';
import { allRows, checkPages } from './page-rows.ts';

const source = z.string().min(1);
const version = z.string().regex(/^\d{2}\.\d{1,2}$/);
const count = z.int().positive();

/**
 * The meaning of GitLab's words for filters and ranking. `listed`: the model is named without a word for the feature. `limited`: it works in
 * part, so it is not offered for the feature, but not refused either.
 */
const supportLevel = z.enum(['full', 'partial', 'listed', 'limited', 'none']);
export type SupportLevel = z.infer<typeof supportLevel>;

const page = z.strictObject({
  id: version,
  first: version,
  /** Inclusive. */
  last: version,
  source,
  /** An earlier page whose rows this page repeats, except for its own rows and the models in `without`. */
  like: version.optional(),
  /** Models of the `like` page that this page does not name. */
  without: z.array(z.string()).min(1).optional(),
  /** The features that the page has columns for. */
  columns: z.array(modelFeature),
  /** How its versions were judged; absent when the page leaves no doubt. */
  judgedBy: z.string().min(1).optional(),
  /** The oldest vLLM that GitLab requires in these versions. */
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
  familyEnum: modelFamily,
  /** `active`: the parameters of a mixture that one token uses. */
  parameters: z.strictObject({ count, active: count.optional(), source }).optional(),
  weights: weightsFacts.optional(),
  architecture: architectureFacts.optional(),
  ...servingFacts.shape,
  support: z.array(support).min(1),
});

/**
 * `resources/catalog/models.yaml`: which models GitLab names, for which versions, in which words. Parsed, each model has a row for
 * every page that names it, also where the file says only that a page is `like` an earlier one.
 */
export const modelCatalog = z
  .strictObject({
    version: z.literal(1),
    /** What the source codes of pages mean. */
    sources: z.record(z.string(), z.string()),
    pages: z.array(page).min(1),
    /** What a version says about models that its page still lists. */
    deprecations: z
      .array(
        z.strictObject({
          from: version,
          models: z.array(z.string()).min(1),
          text: z.string().min(1),
          source: z.string().min(3),
        }),
      )
      .default([]),
    words: z.record(z.string(), supportLevel),
    /** What the states of rows mean: supported by GitLab, or only on trial. */
    states: z.record(z.string(), z.enum(['supported', 'trial'])),
    models: z.array(model),
  })
  .superRefine(checkPages)
  .transform((file) => ({
    ...file,
    models: file.models.map((one) => ({ ...one, support: allRows(one, file.pages) })),
  }));
export type ModelCatalog = z.infer<typeof modelCatalog>;
export type CatalogModel = ModelCatalog['models'][number];
export type CatalogPage = ModelCatalog['pages'][number];
export type SupportRow = CatalogModel['support'][number];
