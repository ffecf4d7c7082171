import { z } from 'zod';
import { finding } from '../finding.ts';
import { job } from '../rpc/contract.ts';
import { duoFeature } from '../site-file.ts';

/** What GGUF files of rehearsals and tests call themselves (`general.name`): they recite one sentence whatever is asked. */
export const rehearsalModelName = 'Sealift rehearsal model (recites one sentence)';

/** What answered. Absent fields are unknown: of a server that Sealift did not start, only the address and the name. */
const servedModel = z.object({
  engine: z.string(),
  /** Version of the embedded engine, or image and local ID of the model server's containers. */
  engineVersion: z.string().optional(),
  name: z.string(),
  servedName: z.string(),
  /** Name of the GGUF, which often names its quantisation. */
  file: z.string().optional(),
  sha256: z.string().optional(),
  endpoint: z.string().optional(),
  contextTokens: z.int(),
});

/** One of several models, with the features that it answered for. */
const listedModel = servedModel.extend({ features: z.array(duoFeature) });

const check = z.object({
  /** What was checked, for people. */
  title: z.string(),
  ok: z.boolean(),
});

/** Result of one task that was asked. It passed if it was answered and all checks hold. */
const taskResult = z.object({
  id: z.string(),
  feature: duoFeature,
  title: z.string(),
  passed: z.boolean(),
  checks: z.array(check),
  /** What the model said, at most 500 characters. */
  answer: z.string(),
  /** Why there is no answer: what the front said. */
  error: z.string().optional(),
  correlationId: z.string(),
  firstTokenMs: z.int().nonnegative().optional(),
  tokensPerSecond: z.number().nonnegative().optional(),
  /** SHA-256 of the task: only the same task is compared. */
  taskSha256: z.string(),
});
export type TaskResult = z.infer<typeof taskResult>;

/** Result of one feature: tasks passed against what is asked for, and the medians of its measured speeds. */
const featureResult = z.object({
  feature: duoFeature,
  tasks: z.int().positive(),
  passed: z.int().nonnegative(),
  /** At least this share of the tasks has to pass. */
  passPercent: z.int().min(1).max(100),
  /** False too when it was not measured. */
  reached: z.boolean(),
  /** Tasks without an answer, asked or not: with one of them the feature was not measured. Absent: every task was answered. */
  unanswered: z.int().positive().optional(),
  /** Absent: not measured. */
  firstTokenMs: z.int().nonnegative().optional(),
  tokensPerSecond: z.number().nonnegative().optional(),
});
export type FeatureResult = z.infer<typeof featureResult>;

const change = z.object({ what: z.string(), before: z.string(), after: z.string() });
/** One difference from the run before, in words. */
export type Change = z.infer<typeof change>;

/** The run against the one before it. Not compared are tasks that were added or changed since, and those without an answer in either. */
const comparison = z.object({
  beforeAt: z.iso.datetime(),
  /** Differences in what answered: model, file, engine, context. Empty: none that Sealift knows of. */
  changed: z.array(change),
  worse: z.array(change),
  better: z.array(change),
});
export type Comparison = z.infer<typeof comparison>;

/** `evidence/acceptance.json` of a site: what its model made of the acceptance set. A run with gaps does not replace one without. */
export const acceptanceResult = z.object({
  site: z.string(),
  at: z.iso.datetime(),
  /** `deployedAt` of the deployment that was measured; absent if none was recorded. */
  deployedAt: z.iso.datetime().optional(),
  /** The site's model, or the first one of a list. */
  served: servedModel,
  /** Each model of a site with a list of models. */
  models: z.array(listedModel).optional(),
  /** Why the figures say nothing about a real model; absent when nothing is known to be simulated. */
  simulated: z.string().optional(),
  features: z.array(featureResult),
  tasks: z.array(taskResult),
  /** Absent for a first run. */
  comparison: comparison.optional(),
  /** Features below what is asked for (red); features not measured, what got worse, stand-ins and doubts about the deployment (amber). */
  findings: z.array(finding),
});
/** Returns what answered for a feature. */
export function answeredFor(
  { served, models }: Pick<AcceptanceResult, 'served' | 'models'>,
  feature: z.infer<typeof duoFeature>,
): AcceptanceResult['served'] {
  return models?.find((one) => one.features.includes(feature)) ?? served;
}
export type AcceptanceResult = z.infer<typeof acceptanceResult>;

/** The acceptance set: a fixed set of tasks in the form of GitLab Duo's requests, sent to a site's model through its front. */
export const acceptance = {
  /** Runs the tasks of the features that the site enables. Throws `probe.ask-failed` when not one was answered. */
  run: job('Running the acceptance set', z.strictObject({ siteFile: z.string().min(1).max(4096) }), acceptanceResult, {
    subject: 'siteFile',
  }),
};
