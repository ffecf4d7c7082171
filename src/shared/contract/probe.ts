import { z } from 'zod';
import { remedySchema } from '../errors/remedy-schema.ts';
import { finding } from '../finding.ts';
import { call, job, stream } from '../rpc/contract.ts';
import { slug } from '../site-file.ts';

/** Result of one hop of the probe. A skipped hop was not contacted: its status, latency and id are null. */
export const hopResult = z.object({
  hop: z.string(),
  title: z.string(),
  /** The served name of the model that was asked, where the site has a list of models. `hop` then ends with it. */
  model: z.string().optional(),
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
  /** Of the site file that was probed. Older results have none. */
  siteFileSha256: z.string().optional(),
  at: z.iso.datetime(),
});
export type ProbeResult = z.infer<typeof probeResult>;

/** An answer of the model, piece by piece, and what was measured in the end. Tokens are those that the model server reported. */
export const askItem = z.discriminatedUnion('type', [
  /** `isThinking`: the model thinks before it answers. */
  z.object({ type: z.literal('text'), correlationId: z.string(), text: z.string(), isThinking: z.boolean() }),
  z.object({
    type: z.literal('end'),
    /** Id of this request in the logs of the front. Another id than before: the question was asked again, as after a lost connection. */
    correlationId: z.string(),
    /** `stop`, or `length` for an answer that was cut at `maxTokens`. */
    finishReason: z.string().optional(),
    promptTokens: z.int().optional(),
    completionTokens: z.int().optional(),
    firstTokenMs: z.int().optional(),
    totalMs: z.int(),
  }),
]);
export type AskItem = z.infer<typeof askItem>;

/** Possible causes of a failure: of a site's first failed hop, or of an answer and a log that a person has. */
export const diagnosis = z.object({
  /** Most likely first. Empty when nothing failed, or when nothing given points to a known cause. */
  causes: z.array(probeCause),
  /** The first failed hop, when a site was diagnosed and one failed. */
  failedHop: z.object({ hop: z.string(), title: z.string(), simulated: z.boolean() }).optional(),
  /** When the site was probed; absent for what a person gave. */
  probedAt: z.iso.datetime().optional(),
});
export type Diagnosis = z.infer<typeof diagnosis>;

/** What the gateway's own debugging script said of each model, or how a person runs it where the gateway is not Sealift's. */
export const gatewayScript = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('ran'),
    site: slug,
    simulated: z.boolean(),
    /** The container that answered without tokens meanwhile. It is gone. */
    container: z.string(),
    runs: z.array(z.object({ model: z.string(), passed: z.boolean(), output: z.array(z.string()) })).min(1),
  }),
  z.object({ state: z.literal('by-hand'), site: slug, gatewayUrl: z.string(), commands: z.array(z.string()).min(1) }),
]);
export type GatewayScript = z.infer<typeof gatewayScript>;

const path = z.string().min(1).max(4096);

const tracedLine = z.object({
  /** When it was written, if it says so. */
  at: z.iso.datetime().nullable(),
  /** The part, or the name of GitLab's log. */
  source: z.string(),
  line: z.string(),
  /** `id`: it has the id. `time`: of a part that logs no ids, and written while the request ran, so perhaps of another one. */
  by: z.enum(['id', 'time']),
  simulated: z.literal(true).optional(),
});
const traced = z.object({
  lines: z.array(tracedLine),
  /** How many more lines there are: of the same time, unless even those with the id are too many. */
  leftOut: z.int().nonnegative(),
  /** Sources that were read, with the number of lines. */
  sources: z.array(
    z.object({
      source: z.string(),
      lineCount: z.int(),
      /** A log of GitLab that is longer than what is read of it. */
      onlyEnd: z.literal(true).optional(),
    }),
  ),
  /** How many of GitLab's logs were not read: beyond `maxFolderLogs` of a folder, or `maxLogsBytes` of all. */
  unreadLogs: z.int().nonnegative(),
});
export type Traced = z.infer<typeof traced>;

/** How many logs of one folder a trace reads, and how much of all of GitLab's logs. */
export const maxFolderLogs = 20;
export const maxLogsBytes = 128 * 1024 * 1024;
/** The most characters of an answer or a log that is sent as a text; a file may be longer. */
export const maxGivenChars = 250_000;
const given = z.union([z.object({ text: z.string().max(maxGivenChars) }), z.object({ path })]);

/** Sends real requests through every hop of a site, and names causes of failures. */
export const probe = {
  /** Asks a model of a deployed site a question, straight through its front. Throws `site.which-model`. */
  ask: stream(
    z.strictObject({
      site: slug,
      question: z.string().min(1).max(100_000),
      /** The served name of the model to ask; needed where the site has several. */
      model: slug.optional(),
      maxTokens: z.int().min(1).max(100_000).default(1024),
    }),
    askItem,
  ),
  /** Names the causes of what the last probe of a site found. Asks no one. */
  lastDiagnosis: call(z.object({ siteFile: path }), diagnosis),
  /** Names the causes that a status, the body of an answer, or a log point to; at least one of them is given. */
  diagnose: call(
    z
      .object({ status: z.int().min(100).max(599).optional(), body: given.optional(), log: given.optional() })
      .refine((one) => Object.values(one).some((value) => value !== undefined), 'needs a status, a body or a log'),
    diagnosis,
  ),
  /** Joins the log lines of one request, of the site's parts and of what a person has of GitLab's logs, into one timeline. */
  trace: call(
    z.strictObject({
      site: slug,
      correlationId: z
        .string()
        .regex(/^[\w.:-]{4,128}$/, 'use the id as the logs show it: letters, digits, ".", ":", "_", "-"'),
      /** Logs of GitLab: files, or folders with `.log` files, or a text. */
      gitlabLogs: z.array(given).max(20).default([]),
    }),
    traced,
  ),
  /**
   * Runs the debugging script of the gateway's image in a container of its own, which answers without tokens and is removed afterwards.
   * The deployed gateway stays as it is. Throws `probe.no-gateway-script`.
   */
  gatewayScript: job("Running the gateway's own script", z.object({ siteFile: path }), gatewayScript, {
    subject: 'siteFile',
  }),
  run: job(
    'Probing the site',
    z.object({ siteFile: path, token: z.string().min(1).max(500).optional(), tokenFile: path.optional() }),
    probeResult,
    { subject: 'siteFile' },
  ),
};
