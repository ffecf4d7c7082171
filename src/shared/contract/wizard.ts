import { z } from 'zod';
import { mark } from '../mark.ts';
import { call, stream } from '../rpc/contract.ts';
import { duoFeature, siteFile, slug } from '../site-file.ts';
import { verdict } from './estimate.ts';

const path = z.string().min(1).max(4096);

/** The seven steps from a bare machine to the evidence, in order. */
export const wizardStepId = z.enum(['readiness', 'model', 'import', 'deploy', 'gitlab', 'probe', 'report']);
export type WizardStepId = z.infer<typeof wizardStepId>;

/** State of a step. `look` needs attention but does not block; `blocked` does. */
export const wizardStep = z.object({
  id: wizardStepId,
  status: mark,
  /** One line: what is currently known about it. */
  summary: z.string(),
  /** The same by the name of its words, for other languages; absent from older cores. */
  said: z.object({ word: z.string(), given: z.array(z.union([z.string(), z.number()])) }).optional(),
  /** Why it was reset or cannot start; absent if nothing blocks it. */
  reason: z.string().optional(),
});
export type WizardStep = z.infer<typeof wizardStep>;

const answered = z.object({
  gitlabVersion: z
    .string()
    .regex(/^\d{2}\.\d{1,2}(\.\d{1,2})?$/, 'enter a version such as 18.9 or 18.9.1')
    .optional(),
  features: z.array(duoFeature).max(4),
  /** Number of people who will use it. */
  users: z.int().min(1).max(100_000).optional(),
  /** Id in the catalogue. */
  modelId: z.string().max(200).optional(),
  /** What was recommended when the model was chosen. */
  recommendedId: z.string().max(200).optional(),
  contextTokens: z.int().min(256).max(1_048_576).optional(),
  /** Whether the model fitted this machine with these numbers when it was chosen; absent if unchecked, or if it runs elsewhere. */
  verdict: verdict.optional(),
  /** Concurrent requests. */
  concurrency: z.int().min(1).max(10_000).optional(),
  /** Media folders that were added by hand. */
  mediaDirs: z.array(path).max(99),
  /** Steps on the GitLab host that the person ticked as done, each as `SITE/STEP`. */
  doneSteps: z.array(z.string().max(200)).max(2000),
  /** The site file that the later steps use. */
  siteFile: path.optional(),
  /** Reasons for overriding red findings, by finding id. */
  overrides: z.record(z.string().max(200), z.string().min(3).max(500)),
});

/** The answers so far; kept in the data folder, so that another window or a later session continues from them. */
export const wizardAnswers = answered.extend({
  features: answered.shape.features.default([]),
  mediaDirs: answered.shape.mediaDirs.default([]),
  doneSteps: answered.shape.doneSteps.default([]),
  overrides: answered.shape.overrides.default({}),
});
export type WizardAnswers = z.infer<typeof wizardAnswers>;

/** A problem with one field of a site file; `field` is its path, as in `gateway.host`, and `expected` what to enter instead. */
const fieldProblem = z.object({ field: z.string(), problem: z.string(), expected: z.string().optional() });

/** Everything that the rail, the header and the steps need, in one object. */
export const wizardState = z.object({
  steps: z.array(wizardStep).length(7),
  answers: wizardAnswers,
  /** The site file in the answers as it is now. `content` is null while it is invalid; `sha256` is absent then. */
  site: z
    .object({ path, content: siteFile.nullable(), sha256: z.string().optional(), problems: z.array(fieldProblem) })
    .nullable(),
  /** Contents of the store. */
  store: z.object({
    models: z.array(
      z.object({
        name: slug,
        sizeBytes: z.int().nonnegative(),
        /** GGUF models in its folder, by their names; a server opens one of them. */
        ggufs: z.array(z.string()),
        /** The GGUF that its bundle names, or the only one. */
        served: z.string().optional(),
        bundleName: z.string(),
        /** Why no engine can load it, as far as file names show. That the GGUF to serve is not named yet is no such reason. */
        problem: z.string().optional(),
      }),
    ),
    images: z.array(z.object({ reference: z.string(), digest: z.string() })),
  }),
  /** Addresses by which other machines may reach this one. */
  addresses: z.array(z.string()),
  /** Sites that were deployed from this data folder. */
  sites: z.array(slug),
  /** When the site was deployed; absent before. */
  deployedAt: z.iso.datetime().optional(),
  isSimulated: z.boolean(),
  /** What the site's addresses show. Host names and some addresses show nothing, so most real sites are `not-known`. */
  network: z.enum(['inside', 'outside', 'not-known']),
  /** Folder for this site's report. */
  reportFolder: path.optional(),
  /** When the last report was written, and to which folder; absent before the first. */
  reportedAt: z.iso.datetime().optional(),
  reportedIn: path.optional(),
});
export type WizardState = z.infer<typeof wizardState>;

/** The wizard's steps as data. The other areas' methods do the work of each step. */
export const wizard = {
  /** Yields the state now, and again after each change. */
  watch: stream(z.object({}), wizardState),
  /** Sets some answers and clears others. Concurrent changes are made one after another. */
  answer: call(
    z.object({
      // Without defaults: an answer must not clear fields that it does not mention.
      set: answered.omit({ mediaDirs: true, doneSteps: true }).partial(),
      clear: z
        .array(
          z.enum([
            'gitlabVersion',
            'users',
            'modelId',
            'recommendedId',
            'verdict',
            'contextTokens',
            'concurrency',
            'siteFile',
          ]),
        )
        .default([]),
      /** Members of lists are added and removed one by one, so that concurrent changes cannot undo each other. */
      addMediaDirs: answered.shape.mediaDirs.default([]),
      removeMediaDirs: answered.shape.mediaDirs.default([]),
      addDoneSteps: answered.shape.doneSteps.default([]),
      removeDoneSteps: answered.shape.doneSteps.default([]),
    }),
    z.object({}),
    { writes: true },
  ),
  /** Validates a site file's content and, if it is valid, writes it to the data folder and selects it in the answers. */
  saveSite: call(
    z.object({ content: z.record(z.string(), z.unknown()) }),
    z.object({ path: path.optional(), problems: z.array(fieldProblem) }),
    { writes: true },
  ),
};
