import { z } from 'zod';
import { hangs, measured, partFacts } from '../../../../shared/part-health.ts';
import { call } from '../../../../shared/rpc/contract.ts';
import { keySource, slug } from '../../../../shared/site-file.ts';
import { variantGpu } from '../../catalog/variant-gpu.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { urlHost } from '../../http/network-host.ts';
import { startMs } from './longest-read.ts';

const port = z.int().min(0).max(65_535);
const path = z.string().min(1);
// llama.cpp does not refuse a context that exceeds all memory: it hangs.
const maxContextTokens = 1_048_576;

/** One model behind a front. */
const frontedModel = z.strictObject({
  servedName: slug,
  contextTokens: z.int().positive(),
  /**
   * The part whose address is the upstream, or the base URL (ending in /v1) of an existing server, with the key that it requires and a file of
   * authorities that its certificate may come from.
   */
  upstream: z.union([
    z.strictObject({ part: slug }),
    z.strictObject({ url: z.url(), key: keySource.optional(), caFile: path.optional() }),
  ]),
  /** The upstream cuts a prompt beyond its context instead of refusing it; `unknown` where its answers have to show that. */
  cutsPrompts: z.union([z.boolean(), z.literal('unknown')]).optional(),
  /** The upstream continues a last message of the assistant only with `continue_final_message`. */
  continuesByFlag: z.boolean().optional(),
});
export type FrontedModel = z.infer<typeof frontedModel>;

/** The configuration of one process of a site's service. Secrets come as paths of files, never as values. */
const partConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('llamacpp'),
    name: slug,
    ggufPath: path,
    servedName: slug,
    contextTokens: z.int().positive().max(maxContextTokens),
    threads: z.int().positive(),
    /** Requests handled at once. */
    slots: z.int().min(1).max(16),
    /** Unpacked builds of llama.cpp for GPUs, in the order in which they are tried. */
    variants: z
      .array(
        z.strictObject({
          gpu: variantGpu,
          packages: z.array(z.strictObject({ name: z.string().min(1), folder: path })).min(1),
        }),
      )
      .optional(),
  }),
  z.strictObject({
    kind: z.literal('front'),
    name: slug,
    host: z.string(),
    port,
    ...frontedModel.shape,
    apiKeyFile: path,
    /** `front-keys.json` of the site; absent for a front without named keys. */
    keysFile: path.optional(),
    /** The ranges whose addresses may ask (CIDR); absent for all. */
    clients: z.array(z.string()).optional(),
    /** All requests get one tag around the gateway's policy, so that the model server can reuse its prefix. */
    stableTags: z.boolean().optional(),
    /** The other models of a site with several. */
    further: z.array(frontedModel).optional(),
  }),
  z.strictObject({
    kind: z.literal('simulated-gitlab'),
    name: slug,
    host: z.string(),
    port,
    /** The path that it is served under. Default: none. */
    basePath: z.string().optional(),
    version: z.string(),
    /** Keeps settings over restarts. */
    stateFile: path,
    adminTokenFile: path,
  }),
  z.strictObject({
    kind: z.literal('simulated-gateway'),
    name: slug,
    host: z.string(),
    port,
    gitlabUrl: z.url(),
    signingKeyFile: path,
    validationKeyFile: path,
  }),
]);
export type PartConfig = z.infer<typeof partConfig>;
export type PartKind = PartConfig['kind'];
export type PartOf<K extends PartKind> = Extract<PartConfig, { kind: K }>;

/** Returns the models behind a front, each with its server. */
export function frontedModels({
  servedName,
  contextTokens,
  upstream,
  cutsPrompts,
  continuesByFlag,
  further = [],
}: PartOf<'front'>): FrontedModel[] {
  return [{ servedName, contextTokens, upstream, cutsPrompts, continuesByFlag }, ...further];
}

/**
 * Returns the figure under which a front reports the silence of a model server that is no part of its service: of each of several models one
 * that ends with its served name.
 */
export function silenceFigure({ servedName }: Pick<FrontedModel, 'servedName'>, areSeveral: boolean): string {
  return areSeveral ? `upstreamSilentSeconds.${servedName}` : 'upstreamSilentSeconds';
}

/** Returns what tells one configuration of a part from another. */
export function configSha256(config: PartConfig): string {
  // Parsed, so that it does not depend on the order in which it was written.
  return sha256Hex(JSON.stringify(partConfig.parse(config)));
}

/** Returns the names of the parts whose addresses a part needs, in order. */
export function neededParts(config: PartConfig): string[] {
  if (config.kind !== 'front') return [];
  return frontedModels(config).flatMap(({ upstream }) => ('part' in upstream ? [upstream.part] : []));
}

/** Returns the variables that hold the keys of model servers. */
export function keyVariables(parts: readonly PartConfig[]): string[] {
  const upstreams = parts.flatMap((part) => (part.kind === 'front' ? frontedModels(part) : []));
  const keys = upstreams.flatMap(({ upstream }) => ('url' in upstream && upstream.key ? [upstream.key] : []));
  return [...new Set(keys.flatMap((key) => ('variable' in key ? [key.variable] : [])))];
}

/** Where a part listens. Requests must carry `token`, if set, as bearer; it exists only in memory. */
const partAddress = z.object({ host: z.string(), port: z.int().positive(), token: z.string().optional() });
export type PartAddress = z.infer<typeof partAddress>;

/** The header in which a front tells its own engine whose key a request carries, by name. */
export const ownerHeader = 'x-sealift-owner';

/** Returns the base URL of a part with OpenAI's API. */
export function baseUrl({ host, port }: PartAddress): string {
  return `http://${urlHost(host)}:${port}/v1`;
}

/** The contract between the service and each of its processes. */
export const partContract = {
  part: {
    /**
     * Starts listening; `upstreams` are the addresses of the parts that the config names, as far as they run. Resolves when it answers
     * requests.
     */
    start: call(
      z.object({ config: partConfig, upstreams: z.record(slug, partAddress).default({}) }),
      z.object({ address: partAddress, version: z.string() }),
    ),
    /** Points a part at the new address of one that it needs, after that one's process was started or restarted. */
    redirect: call(z.object({ part: slug, upstream: partAddress }), z.object({})),
    /**
     * Reconfigures a running part. `upstreams` holds the addresses of the parts that the new configuration needs. Returns false if the part
     * has to be restarted for it.
     */
    change: call(
      z.object({ config: partConfig, upstreams: z.record(slug, partAddress) }),
      z.object({ isTaken: z.boolean() }),
    ),
    /** Returns figures that the part measures itself; their names end with the unit (`residentBytes`, `requests`). */
    measure: call(z.object({}), z.object({ measured })),
  },
};

/** `service-plan.json`: the parts in start order. A simulated part makes everything that shows it SIMULATED. */
export const servicePlan = z.strictObject({
  version: z.literal(1),
  site: slug,
  /** Empty for a site whose models and gateway are all elsewhere. */
  parts: z.array(partConfig),
  /** How long a part may take until it answers; the time to load a model depends on its size. */
  startTimeoutMs: z.int().positive().default(startMs),
});
export type ServicePlan = z.infer<typeof servicePlan>;

/** `service-state.json`: what the service reports about itself. */
export const serviceState = z.object({
  version: z.literal(1),
  site: slug,
  pid: z.int().positive(),
  processStart: z.string(),
  /** SHA-256 of the service plan's text that the service runs. */
  planSha256: z.string(),
  startedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** Tells the code that it runs from another version of Sealift, which may be in the same folder. */
  codeSha256: z.string().optional(),
  /** How often the service has looked for a changed plan, changed keys and failed parts (SIGHUP). */
  reloads: z.int().default(0),
  /** Of a model server in containers. */
  modelHangs: hangs.optional(),
  /** The same of each of several, by the model's part. */
  modelHangsOf: z.record(slug, hangs).optional(),
  /** Since when its containers are being restarted. The engine finishes that also for a service that was killed. */
  modelRestartSince: z.iso.datetime().optional(),
  /** Which of several model servers that is. */
  modelRestartPart: slug.optional(),
  parts: z.array(
    partFacts.extend({
      simulated: z.boolean(),
      version: z.string().optional(),
      /** SHA-256 of its configuration. */
      configSha256: z.string().optional(),
      /** Salted fingerprints of the key files that it read at its start, by file name. */
      keys: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
export type ServiceState = z.infer<typeof serviceState>;
