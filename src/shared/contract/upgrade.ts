import { z } from 'zod';
import { finding } from '../finding.ts';
import { call, job } from '../rpc/contract.ts';
import { siteFile, slug } from '../site-file.ts';
import { probeResult } from './probe.ts';
import { plannedStep } from './site.ts';

const path = z.string().min(1).max(4096);
const token = { token: z.string().min(1).max(500).optional(), tokenFile: path.optional() };

const asked = z.strictObject({
  site: slug,
  /** The site file with the new state. Default: the one that the site was deployed from. */
  siteFile: path.optional(),
  /** The GitLab version to upgrade to: it replaces the version in that file, and the gateway's image by the newest imported one for it. */
  gitlab: siteFile.shape.gitlab.shape.version.optional(),
});

/** A field of the site file that an upgrade changes, as JSON; absent where there is none. */
const fieldChange = z.object({ field: z.string(), before: z.string().optional(), after: z.string().optional() });

/** A variable of the gateway that the new GitLab version changes. The values of secrets are `[hidden]`. */
const variableChange = z.object({ name: z.string(), before: z.string().optional(), after: z.string().optional() });

const change = z.object({
  site: slug,
  simulated: z.boolean(),
  /** GitLab versions. */
  from: z.string(),
  to: z.string(),
  fields: z.array(fieldChange),
  variables: z.array(variableChange),
});

const planned = change.extend({
  /** Steps of the deployment that make or change something. */
  steps: z.array(plannedStep),
  findings: z.array(finding),
});

/** What became of a site: `probe` is of what runs now. `hopsBefore`: the hops that answered before. */
const outcome = z.object({
  site: slug,
  state: z.enum(['upgraded', 'unchanged', 'returned', 'rolled-back']),
  /** The GitLab version that the site is deployed for now. */
  gitlab: z.string(),
  /** Containers that were tried next to the running ones, or why not. */
  tried: z.array(z.object({ part: z.string(), title: z.string(), whyNot: z.string().optional() })),
  probe: probeResult.optional(),
  findings: z.array(finding),
});

/** Upgrades a deployed site from what is in the store, and undoes that. */
export const upgrade = {
  /** Shows what `run` would change, and writes nothing. A red finding means that it can't be upgraded yet. */
  plan: call(asked, planned),
  /**
   * Tries new containers next to the running ones where that is possible, deploys the new state, probes it, and deploys the old state
   * again when a hop fails that answered before. Without `siteFile` and `gitlab` it resumes an unfinished upgrade. Throws before it changes
   * anything what a deployment would refuse, and `upgrade.trial-failed`.
   */
  run: job('Upgrading the site', asked.extend(token), outcome, { subject: 'site', resumes: true }),
  /** Returns to the state before the unfinished upgrade, or before the last finished one. Throws `upgrade.no-previous`. */
  rollback: job('Rolling back the site', z.strictObject({ site: slug, ...token }), outcome, {
    subject: 'site',
    resumes: true,
  }),
};
