import { z } from 'zod';
import { remedySchema } from '../errors/remedy-schema.ts';
import { finding } from '../finding.ts';
import { job } from '../rpc/contract.ts';

/** Result of one hop of the probe. A skipped hop was not contacted: its status, latency and id are null. */
export const hopResult = z.object({
  hop: z.string(),
  title: z.string(),
  ok: z.boolean(),
  skipped: z.boolean(),
  /** HTTP status; null if there was no response or the hop was skipped. */
  status: z.int().nullable(),
  latencyMs: z.int().nonnegative().nullable(),
  /** Id of this request in the logs of the other side (`correlation_id`, from X-Request-ID). */
  correlationId: z.string().nullable(),
  /** True if a stand-in answered or was involved. */
  simulated: z.boolean(),
  /** The model's answer, at most 2000 characters. */
  answer: z.string().optional(),
  /** What went wrong, one line. */
  error: z.string().optional(),
});
export type HopResult = z.infer<typeof hopResult>;

/** A possible cause of a failed hop, with its evidence and remedies. `id` is its row in `diagnosis.yaml`. */
export const probeCause = z.object({
  id: z.string(),
  title: z.string(),
  cause: z.string(),
  confidence: z.enum(['high', 'medium', 'low']),
  evidence: z.array(z.string()).min(1),
  remedies: z.array(remedySchema).min(1),
});
export type ProbeCause = z.infer<typeof probeCause>;

/** Result of a probe: each hop, starting at the model, the first failed one and its possible causes. */
export const probeResult = z.object({
  site: z.string(),
  simulated: z.boolean(),
  hops: z.array(hopResult),
  firstRed: z.string().optional(),
  causes: z.array(probeCause),
  /** What this probe did not check, and why. */
  notChecked: z.array(z.object({ hop: z.string(), title: z.string(), reason: z.string() })),
  /** Reasons to doubt the results: the site file differs from the deployment, or the deployment is incomplete or not recorded. */
  findings: z.array(finding).optional(),
  /** `deployedAt` of the deployment that was probed; absent if none was recorded. */
  deployedAt: z.iso.datetime().optional(),
  at: z.iso.datetime(),
});
export type ProbeResult = z.infer<typeof probeResult>;

const path = z.string().min(1).max(4096);

/** Sends real requests through every hop of a site. */
export const probe = {
  run: job(
    'Probing the site',
    z.object({ siteFile: path, token: z.string().min(1).max(500).optional(), tokenFile: path.optional() }),
    probeResult,
    { subject: 'siteFile' },
  ),
};
