import { z } from 'zod';
import { call, stream } from '../rpc/contract.ts';
import { duoFeature, siteFile, slug } from '../site-file.ts';
import { verdict } from './estimate.ts';

const path = z.string().min(1).max(4096);

/** The seven steps from a bare machine to the evidence, in order. */
export const wizardStepId = z.enum(['readiness', 'model', 'import', 'deploy', 'gitlab', 'probe', 'report']);
export type WizardStepId = z.infer<typeof wizardStepId>;

/** How a step stands: `look` wants attention but does not stop, `blocked` does. */
export const wizardStep = z.object({
  id: wizardStepId,
  status: z.enum(['todo', 'working', 'done', 'look', 'blocked']),
  /** One line: what is known of it now. */
  summary: z.string(),
  /** Why it is put back or cannot begin; absent when nothing stands in the way. */
  reason: z.string().optional(),
});
export type WizardStep = z.infer<typeof wizardStep>;

const answered = z.object({
  gitlabVersion: z
    .string()
    .regex(/^\d{2}\.\d{1,2}(\.\d{1,2})?$/, 'write it as 18.9 or 18.9.1')
    .optional(),
  features: z.array(duoFeature).max(4),
  /** People who will use it. */
  users: z.int().min(1).max(100_000).optional(),
  /** Id of the catalogue. */
  modelId: z.string().max(200).optional(),
  /** What was recommended when the model was chosen. */
  recommendedId: z.string().max(200).optional(),
  contextTokens: z.int().min(256).max(1_048_576).optional(),
  /** Whether the model fitted this machine with these numbers when it was chosen; absent: nobody looked, or it runs elsewhere. */
  verdict: verdict.optional(),
  /** Requests that are answered at once. */
  concurrency: z.int().min(1).max(10_000).optional(),
  /** Folders of media that were added by hand. */
  mediaDirs: z.array(path).max(99),
  /** The site file that the later steps work with. */
  siteFile: path.optional(),
  /** Why a red finding was passed over, by the finding's id. */
  overrides: z.record(z.string().max(200), z.string().min(3).max(500)),
});

/** What a person answered so far; kept in the data folder, so that another window or a later day goes on there. */
export const wizardAnswers = answered.extend({
  features: answered.shape.features.default([]),
  mediaDirs: answered.shape.mediaDirs.default([]),
  overrides: answered.shape.overrides.default({}),
});
export type WizardAnswers = z.infer<typeof wizardAnswers>;

/** A problem of one field of a site file; `field` is its path, as in `gateway.host`. */
const fieldProblem = z.object({ field: z.string(), problem: z.string() });

/** Everything the rail, the header and the steps need, as one piece. */
export const wizardState = z.object({
  steps: z.array(wizardStep).length(7),
  answers: wizardAnswers,
  /** The site file of the answers as it reads now. `content` is null while it cannot be used. */
  site: z.object({ path, content: siteFile.nullable(), problems: z.array(fieldProblem) }).nullable(),
  /** What the store holds. */
  store: z.object({
    models: z.array(
      z.object({ name: slug, sizeBytes: z.int().nonnegative(), isGguf: z.boolean(), bundleName: z.string() }),
    ),
    images: z.array(z.object({ reference: z.string(), digest: z.string() })),
  }),
  /** Sites that were deployed from this data folder. */
  sites: z.array(slug),
  isSimulated: z.boolean(),
  /** What the site's addresses prove: names of hosts prove nothing, so most real sites are `not-known`. */
  network: z.enum(['inside', 'outside', 'not-known']),
  /** Where this site's report is written. */
  reportFolder: path.optional(),
  /** When the last report was written, and into which folder; absent before. */
  reportedAt: z.iso.datetime().optional(),
  reportedIn: path.optional(),
});
export type WizardState = z.infer<typeof wizardState>;

/** The wizard: its steps as data. What a step does are the other areas' methods. */
export const wizard = {
  /** The state now, then again after each change. */
  watch: stream(z.object({}), wizardState),
  /** Changes some answers and takes others back; changes that come together are made one after another. */
  answer: call(
    z.object({
      // Without defaults: an answer must not empty what it does not name.
      set: answered.omit({ mediaDirs: true }).partial(),
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
      /** Folders one by one, so that two changes at once cannot undo each other. */
      addMediaDirs: answered.shape.mediaDirs.default([]),
      removeMediaDirs: answered.shape.mediaDirs.default([]),
    }),
    z.object({}),
    { writes: true },
  ),
  /** Checks a site file's content and, when it is right, writes it below the data folder and makes it the site of the answers. */
  saveSite: call(
    z.object({ content: z.record(z.string(), z.unknown()) }),
    z.object({ path: path.optional(), problems: z.array(fieldProblem) }),
    { writes: true },
  ),
};
