import { join } from 'node:path';
import { cloudOf } from '../../../../shared/cloud-platforms.ts';
import { type ModelSite, modelPart } from '../../../../shared/model-sites.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { startLimitMs } from '../../serving/parts/longest-read.ts';
import type { FrontedModel, PartConfig, ServicePlan } from '../../serving/parts/parts.ts';
import { type StoredVariant, variantsFor } from '../../serving/variants/stored-variants.ts';
import { siteEndpoints } from '../../sites/site-endpoints.ts';
import { type SitePaths, secretFiles } from '../../sites/site-paths.ts';
import { urlAddress } from '../../sites/site-rules.ts';
import type { ModelWeights } from '../../store/find-model.ts';

/** The service plan that a deployment wants, with the exact text of its file and the SHA-256 of that text. */
export interface WantedService {
  plan: ServicePlan;
  text: string;
  sha256: string;
}

/** What the service must know of the containers beside it. `gatewaySubnet` is where a gateway in a container asks from. */
export interface ContainerSide {
  frontHost: string;
  /** The base URLs of model servers in containers, by the model's part. */
  upstreamUrls: Record<string, string>;
  gatewaySubnet?: string;
}

/** Plans what the service of a site must run, from its models outwards. */
export function wantedService(
  site: SiteFile,
  paths: SitePaths,
  models: readonly ModelWeights[],
  { containers = null, variants = [] }: { containers?: ContainerSide | null; variants?: readonly StoredVariant[] } = {},
): WantedService {
  const parts: PartConfig[] = [
    ...models.flatMap((one) => enginePart(one, variants)),
    ...frontPart(site, paths, models, containers),
    ...gitlabPart(site, paths),
    ...gatewayPart(site, paths),
  ];
  // The engines read their whole models, side by side, before they can answer.
  const readBytes = models.reduce((sum, { weights }) => sum + (weights?.sizeBytes ?? 0), 0);
  const plan: ServicePlan = { version: 1, site: site.name, parts, startTimeoutMs: startLimitMs(readBytes) };
  const text = `${JSON.stringify(plan, null, 2)}\n`;
  return { plan, text, sha256: sha256Hex(text) };
}

/** True for stand-ins: whatever shows them must say SIMULATED. */
export function isSimulated(part: { kind: string }): boolean {
  return part.kind.startsWith('simulated-');
}

function enginePart({ site, weights }: ModelWeights, variants: readonly StoredVariant[]): PartConfig[] {
  if (!weights || site.model.engine !== 'llamacpp') return [];
  const { servedName, contextTokens, threads, slots = 1 } = site.model;
  const name = modelPart(site);
  const tried = site.model.gpu === 'none' ? {} : variantsFor(variants);
  return [{ kind: 'llamacpp', name, ggufPath: weights.path, servedName, contextTokens, threads, slots, ...tried }];
}

/* A site whose models are all on the internet needs none. */
function frontPart(
  { front }: SiteFile,
  paths: SitePaths,
  models: readonly ModelWeights[],
  containers: ContainerSide | null,
): PartConfig[] {
  const behind = models.filter(({ site }) => !cloudOf(site.model));
  const [first, ...further] = behind.map(({ site }) => fronted(site, containers));
  if (!first) return [];
  const { servedName, contextTokens, upstream, ...ways } = first;
  const part: PartConfig = {
    kind: 'front',
    name: 'front',
    host: containers?.frontHost ?? front.host,
    port: front.port,
    servedName,
    contextTokens,
    upstream,
    apiKeyFile: join(paths.secrets, secretFiles.frontApiKey),
    keysFile: join(paths.secrets, secretFiles.frontKeys),
    ...(front.clients && {
      clients: [...front.clients, ...(containers?.gatewaySubnet ? [containers.gatewaySubnet] : [])],
    }),
    ...(front.stableTags && { stableTags: true }),
    ...ways,
    ...(further.length > 0 && { further }),
  };
  return [part];
}

function fronted(site: ModelSite, containers: ContainerSide | null): FrontedModel {
  const { servedName, contextTokens, engine, endpoint, endpointKey } = site.model;
  const caFile = endpoint?.startsWith('https:') ? site.caFile : undefined;
  const url = containers?.upstreamUrls[modelPart(site)] ?? endpoint;
  return {
    servedName,
    contextTokens,
    upstream:
      url === undefined
        ? { part: modelPart(site) }
        : { url, ...(endpointKey && { key: endpointKey }), ...(caFile !== undefined && { caFile }) },
    ...(/ollama$/.test(engine) && { cutsPrompts: true }),
    ...(engine === 'external' && { cutsPrompts: 'unknown' as const }),
    ...(engine === 'vllm' && { continuesByFlag: true }),
  };
}

function gitlabPart({ gitlab }: SiteFile, paths: SitePaths): PartConfig[] {
  if (!gitlab.simulated) return [];
  const { pathname } = new URL(gitlab.url);
  return [
    {
      kind: 'simulated-gitlab',
      name: 'gitlab',
      ...urlAddress(gitlab.url),
      ...(pathname !== '/' && { basePath: pathname.replace(/\/+$/, '') }),
      version: gitlab.version,
      stateFile: join(paths.standIns, 'gitlab.json'),
      adminTokenFile: join(paths.secrets, secretFiles.simulatedGitlabToken),
    },
  ];
}

function gatewayPart(site: SiteFile, paths: SitePaths): PartConfig[] {
  const { gateway } = site;
  if (gateway.kind !== 'simulated') return [];
  return [
    {
      kind: 'simulated-gateway',
      name: 'gateway',
      host: gateway.host,
      port: gateway.httpPort,
      gitlabUrl: siteEndpoints(site).gitlabUrl,
      signingKeyFile: join(paths.secrets, secretFiles.gatewaySigning),
      validationKeyFile: join(paths.secrets, secretFiles.gatewayValidation),
    },
  ];
}
