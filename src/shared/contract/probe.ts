import { z } from 'zod';
import { remedySchema } from '../errors/remedy-schema.ts';
import { finding } from '../finding.ts';
import { job } from '../rpc/contract.ts';

/** One hop of the probe. A skipped hop was not asked: its status, latency and id are null. */
export const hopResult = z.object({
  hop: z.string(),
  title: z.string(),
  ok: z.boolean(),
  skipped: z.boolean(),
  /** HTTP status; null when no answer came or the hop was skipped. */
  status: z.int().nullable(),
  latencyMs: z.int().nonnegative().nullable(),
  /** What the other side's logs call this request (`correlation_id`, from X-Request-ID). */
  correlationId: z.string().nullable(),
  /** True when a stand-in answered or took part. */
  simulated: z.boolean(),
  /** The words that came back, at most 2000 characters. */
  answer: z.string().optional(),
  /** What went wrong, one line. */
  error: z.string().optional(),
});
export type HopResult = z.infer<typeof hopResult>;

/** A cause of a red hop, with the reasons to believe it and the ways out. `id` is its row of `diagnosis.yaml`. */
export const probeCause = z.object({
  id: z.string(),
  title: z.string(),
  cause: z.string(),
  confidence: z.enum(['high', 'medium', 'low']),
  evidence: z.array(z.string()).min(1),
  remedies: z.array(remedySchema).min(1),
});
export type ProbeCause = z.infer<typeof probeCause>;

/** What a probe found: each hop outwards from the model, the first red one, and what may be behind it. */
export const probeResult = z.object({
  site: z.string(),
  simulated: z.boolean(),
  hops: z.array(hopResult),
  firstRed: z.string().optional(),
  causes: z.array(probeCause),
  /** What this probe did not look at, and why. */
  notChecked: z.array(z.object({ hop: z.string(), title: z.string(), reason: z.string() })),
  /** What makes the answers doubtful: the site file differs from what is deployed, the deployment did not end or left no record. */
  findings: z.array(finding).optional(),
  /** `deployedAt` of the deployment that was probed; absent where none was recorded. */
  deployedAt: z.iso.datetime().optional(),
  at: z.iso.datetime(),
});
export type ProbeResult = z.infer<typeof probeResult>;

const path = z.string().min(1).max(4096);

/** Real requests through every hop of a site. */
export const probe = {
  run: job(
    'Probe the site',
    z.object({ siteFile: path, token: z.string().min(1).max(500).optional(), tokenFile: path.optional() }),
    probeResult,
  ),
};
