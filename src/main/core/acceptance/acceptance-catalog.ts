import { z } from 'zod';
import { duoFeature, siteFamily } from '../../../shared/site-file.ts';
import { readCatalog } from '../settings/read-catalog.ts';

const words = z.string().min(1);
const why = z.string().min(10);
const maxTokens = z.int().min(1).max(4096);
const stop = z.array(words).min(1).max(4).optional();
const call = z.strictObject({ name: words, arguments: z.record(z.string(), z.unknown()) });

/** What an answer is checked for; the header of the file describes each. */
const check = z.union([
  z.strictObject({ compiles: z.enum(['json', 'yaml', 'javascript']) }),
  z.strictObject({ exact: words }),
  z.strictObject({ contains: z.array(words).min(1) }),
  z.strictObject({ excludes: z.array(words).min(1) }),
  z.strictObject({ calls: z.array(call) }),
]);
export type Check = z.infer<typeof check>;

const completion = z.strictObject({ name: words, language: words, prefix: words, suffix: words });

const question = z.strictObject({
  messages: z.array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: words })).min(1),
  stop,
  maxTokens,
  usesTools: z.literal(true).optional(),
  results: z.array(z.strictObject({ call, result: words })).optional(),
});

const task = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z0-9-]+$/),
    feature: duoFeature,
    title: z.string().min(5),
    why,
    complete: completion.optional(),
    ask: question.optional(),
    checks: z.array(check).min(1),
  })
  .refine((one) => (one.complete === undefined) !== (one.ask === undefined), 'needs either complete or ask');
export type AcceptanceTask = z.infer<typeof task>;

const completionForm = z.strictObject({
  /** Empty: for all families that no other form names. */
  families: z.array(siteFamily),
  system: words.optional(),
  user: words.refine((text) => ['prefix', 'suffix'].every((one) => text.includes(`{{${one}}}`)), 'needs both parts'),
  stop,
  maxTokens,
  source: words,
});
export type CompletionForm = z.infer<typeof completionForm>;

const tool = z.strictObject({ name: words, description: words, parameters: z.record(z.string(), z.unknown()) });

/** `resources/catalog/acceptance.yaml`. */
export const acceptanceCatalog = z.strictObject({
  version: z.literal(1),
  features: z.record(duoFeature, z.strictObject({ passPercent: z.int().min(1).max(100), why })),
  completionForms: z
    .array(completionForm)
    .refine((forms) => forms.filter((one) => one.families.length === 0).length === 1, 'needs one form for all others')
    .refine((forms) => isUnique(forms.flatMap((one) => one.families)), 'has a family twice'),
  tools: z.array(tool).refine((tools) => isUnique(tools.map((one) => one.name)), 'has a tool twice'),
  tasks: z
    .array(task)
    .refine((tasks) => isUnique(tasks.map((one) => one.id)), 'has an id twice')
    .refine(
      (tasks) => duoFeature.options.every((feature) => tasks.some((one) => one.feature === feature)),
      'needs a task for each feature',
    ),
});
export type AcceptanceCatalog = z.infer<typeof acceptanceCatalog>;

/** Reads `acceptance.yaml`. Throws `catalog.damaged` with the fields that are wrong. */
export function loadAcceptance(resources: string): Promise<AcceptanceCatalog> {
  return readCatalog(resources, 'acceptance.yaml', acceptanceCatalog);
}

function isUnique(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
