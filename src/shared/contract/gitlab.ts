import { z } from 'zod';
import { call, job } from '../rpc/contract.ts';
import { gitlabInstallation } from '../site-file.ts';

const path = z.string().min(1).max(4096);

/** Severity of a note. */
export const severity = z.enum(['red', 'amber', 'green']);

/** How Sealift can check a step: by settings that it reads from GitLab, named by the beginning of `SettingState.setting`, or by a hop of the probe. */
export const stepCheck = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('settings'), of: z.array(z.string()).min(1) }),
  /** Every feature that the site does not assign has a model of its own, or is disabled. */
  z.object({ kind: z.literal('other-features') }),
  z.object({ kind: z.literal('hop'), hop: z.string() }),
]);

/** One setting to make, in order: what to do and how to check it. `how` and `check` are lines to copy or follow. */
export const settingStep = z.object({
  /** Position in the plan, from 1. */
  number: z.int().positive(),
  id: z.string(),
  title: z.string(),
  where: z.string(),
  /** Absent in plans of older versions. */
  why: z.string().optional(),
  how: z.array(z.string()).min(1),
  check: z.array(z.string()).min(1),
  expected: z.string(),
  /** How to take it back; absent where the step changes nothing. */
  undo: z.array(z.string()).min(1).optional(),
  /** `graphql`: done by `sealift gitlab apply`; `shell`: on the GitLab host; `ui`: in the Admin area. */
  appliesBy: z.enum(['graphql', 'shell', 'ui']),
  /** Absent where only a person can see whether it is done. */
  checkedBy: stepCheck.optional(),
  source: z.string(),
});

/** A switch of GitLab for logs of requests, and what is then written about prompts. */
export const logSwitch = z.object({
  id: z.string(),
  title: z.string(),
  where: z.string(),
  on: z.array(z.string()).min(1),
  off: z.array(z.string()).min(1),
  check: z.array(z.string()).min(1),
  writes: z.string(),
  source: z.string(),
});

/** A log of the chain, and where it is for each kind of installation. `hasIds`: whether its lines have the correlation id. */
export const logPlace = z.object({
  id: z.string(),
  title: z.string(),
  contents: z.string(),
  hasIds: z.boolean(),
  places: z
    .array(
      z.object({
        kind: z.enum(['linux-package', 'docker', 'helm', 'source', 'sealift', 'kubernetes', 'other']),
        place: z.string(),
      }),
    )
    .min(1),
  source: z.string(),
});

/** The settings for one GitLab version, with the site's values if a site was named. */
export const gitlabPlan = z.object({
  gitlabVersion: z.string(),
  era: z.object({ id: z.string(), title: z.string(), canApply: z.boolean(), source: z.string() }),
  /** How GitLab is installed, which decides its commands. */
  installation: z.object({ id: gitlabInstallation, title: z.string() }),
  /** True if the site's GitLab is a stand-in. */
  simulated: z.boolean(),
  fork: z.object({
    question: z.string(),
    answers: z.array(z.object({ id: z.string(), title: z.string(), consequence: z.string(), airGapped: z.boolean() })),
    source: z.string(),
  }),
  notes: z.array(z.object({ id: z.string(), severity, text: z.string(), source: z.string() })),
  steps: z.array(settingStep),
  /** The steps on GitLab's machine as a shell script, which takes them back with the argument `undo`. Absent if a value is unknown or none is there. */
  script: z.string().optional(),
  /** `switch` is absent for a version whose switch is unknown. */
  logging: z.object({ switch: logSwitch.optional(), logs: z.array(logPlace) }),
  gatewayVariables: z.array(
    z.object({
      name: z.string(),
      need: z.string(),
      value: z.string().optional(),
      secret: z.string().optional(),
      note: z.string().optional(),
      source: z.string(),
    }),
  ),
});
export type GitlabPlan = z.infer<typeof gitlabPlan>;
export type SettingStep = z.infer<typeof settingStep>;

/** One setting in GitLab. `null` means "not set". The API token is only described, its value is never included. */
export const settingState = z.object({
  setting: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  wanted: z.string(),
  /** `set`: changed and read back; `kept`: already correct; `differs`: GitLab has another value. */
  state: z.enum(['set', 'kept', 'differs']),
});
export type SettingState = z.infer<typeof settingState>;

/** Whether a step is done, as GitLab's settings show. `not-known`: GitLab has none of these settings. */
export const stepState = z.object({
  id: z.string(),
  /** Position in the plan, from 1. Older results have none. */
  number: z.int().positive().optional(),
  title: z.string(),
  state: z.enum(['done', 'open', 'not-known']),
  /** The settings that differ. `null` means "not set". */
  differing: z.array(z.object({ setting: z.string(), now: z.string().nullable(), wanted: z.string() })),
});
export type StepState = z.infer<typeof stepState>;

/** The GitLab settings of one site, as read back. */
export const gitlabResult = z.object({
  site: z.string(),
  gitlabUrl: z.string(),
  gitlabVersion: z.string(),
  era: z.string(),
  simulated: z.boolean(),
  applied: z.array(settingState),
  /** The steps of the plan that these settings show. Older results have none. */
  steps: z.array(stepState).optional(),
  notes: z.array(z.object({ severity, text: z.string() })),
  at: z.iso.datetime(),
  /** `deployedAt` of the deployment that these settings belong to; absent if none was recorded. */
  deployedAt: z.iso.datetime().optional(),
  /** Of the site file that they were compared with. Older results have none. */
  siteFileSha256: z.string().optional(),
});
export type GitlabResult = z.infer<typeof gitlabResult>;

/** One thing that apply changed, and what undo does about it. `null` means "not set", or a model that does not exist. */
export const undoRow = z.object({
  setting: z.string(),
  before: z.string().nullable(),
  now: z.string().nullable(),
  /**
   * `open`: undo would put it back; `put-back`: done and read back; `as-before`: nothing to do; `left`: not touched, or not possible,
   * for the reason `why`; `by-hand`: nobody but a person knows the value.
   */
  state: z.enum(['open', 'put-back', 'as-before', 'left', 'by-hand']),
  why: z.string().optional(),
  /** How a person puts back what is left. */
  byHand: z.string().optional(),
});
export type UndoRow = z.infer<typeof undoRow>;

/** What undo put back in GitLab, or would. No rows: nothing is left of what apply changed. */
export const gitlabUndone = z.object({
  site: z.string(),
  gitlabUrl: z.string(),
  gitlabVersion: z.string(),
  simulated: z.boolean(),
  planned: z.boolean(),
  rows: z.array(undoRow),
  at: z.iso.datetime(),
});
export type GitlabUndone = z.infer<typeof gitlabUndone>;

/** Who asks whom, in order. `parts` are named by `id` in the messages; a part that works for itself sends to itself. */
export const chainFlow = z.object({
  id: z.string(),
  title: z.string(),
  leavesNetwork: z.boolean(),
  parts: z.array(z.object({ id: z.string(), title: z.string(), address: z.string() })).min(2),
  messages: z.array(z.object({ from: z.string(), to: z.string(), text: z.string() })).min(1),
});
export type ChainFlow = z.infer<typeof chainFlow>;

const target = z.object({
  siteFile: path,
  /** Admin token, never stored. Default: the one in `tokenFile` or, for a simulated GitLab, the site's own secret. */
  token: z.string().min(1).max(500).optional(),
  tokenFile: path.optional(),
});

/** GitLab settings: planning, applying and comparing them. */
export const gitlab = {
  plan: call(
    z.object({
      siteFile: path.optional(),
      gitlab: z.string().max(40).optional(),
      gatewayUrl: z.string().max(2048).optional(),
      /** Default: the one in the site file. */
      installation: gitlabInstallation.optional(),
    }),
    gitlabPlan,
  ),
  apply: job('Applying GitLab settings', target, gitlabResult, { subject: 'siteFile', resumes: true }),
  /**
   * Puts back what `apply` changed, with `plan` only says what that is. What somebody changed since is named and left. Safe to repeat.
   * Throws `gitlab.undo-by-hand` with the steps for a person where this GitLab has no API for it, and `gitlab.record-broken`.
   */
  undo: job('Putting GitLab settings back', target.extend({ plan: z.boolean().default(false) }), gitlabUndone, {
    subject: 'siteFile',
    resumes: true,
  }),
  /**
   * With `step`, an id or a number, refuses before it asks for a token if that step is none of the plan's, or one that settings do not
   * show.
   */
  check: job('Comparing GitLab settings', target.extend({ step: z.string().max(100).optional() }), gitlabResult, {
    subject: 'siteFile',
  }),
  /** Returns the ways of a request and of its authentication with the addresses of a site, and the one that leaves the network. */
  flows: call(z.strictObject({ siteFile: path }), z.object({ flows: z.array(chainFlow) })),
  /**
   * Returns how `gitlab.rb` (a copy named `file`) changes for the plan, as a diff, or with `undo` how it is as before. Writes only
   * `out`, which must not exist yet. Throws `gitlab.rb-not-needed` for a version whose plan sets nothing in that file.
   */
  rb: call(
    z.strictObject({ siteFile: path, file: path, out: path.optional(), undo: z.boolean().default(false) }),
    z.object({
      gitlabVersion: z.string(),
      /** The variables of GitLab's environment that the block sets; empty with `undo`. */
      variables: z.record(z.string(), z.string()),
      /** In the unified format; empty where nothing changes. */
      diff: z.string(),
      out: path.optional(),
    }),
  ),
};
