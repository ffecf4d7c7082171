import { join } from 'node:path';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { longestReadMs } from '../../serving/parts/longest-read.ts';
import type { PartConfig, ServicePlan } from '../../serving/parts/parts.ts';
import { siteEndpoints } from '../../sites/site-endpoints.ts';
import { type SitePaths, secretFiles } from '../../sites/site-paths.ts';
import { urlAddress } from '../../sites/site-rules.ts';
import type { StoredModel } from '../../store/find-model.ts';

const startTimeoutMs = 60_000;

/** The service plan that a deployment wants, with the exact text of its file and the SHA-256 of that text. */
export interface WantedService {
  plan: ServicePlan;
  text: string;
  sha256: string;
}

/** What the service must know of the containers beside it. `gatewaySubnet` is where a gateway in a container asks from. */
export interface ContainerSide {
  frontHost: string;
  upstreamUrl?: string;
  gatewaySubnet?: string;
}

/** Plans what the service of a site must run, from the model outwards. `model` is needed for engine llamacpp only. */
export function wantedService(
  site: SiteFile,
  paths: SitePaths,
  model: StoredModel | null,
  containers: ContainerSide | null = null,
): WantedService {
  const parts: PartConfig[] = [
    ...modelPart(site, model),
    frontPart(site, paths, containers),
    ...gitlabPart(site, paths),
    ...gatewayPart(site, paths),
  ];
  // The engine must read the whole model before it can answer.
  const timeoutMs = startTimeoutMs + longestReadMs(model?.sizeBytes ?? 0);
  const plan: ServicePlan = { version: 1, site: site.name, parts, startTimeoutMs: timeoutMs };
  const text = `${JSON.stringify(plan, null, 2)}\n`;
  return { plan, text, sha256: sha256Hex(text) };
}

/** True for stand-ins: whatever shows them must say SIMULATED. */
export function isSimulated(part: { kind: string }): boolean {
  return part.kind.startsWith('simulated-');
}

function modelPart(site: SiteFile, model: StoredModel | null): PartConfig[] {
  if (!model || site.model.engine !== 'llamacpp') return [];
  const { servedName, contextTokens, threads } = site.model;
  return [{ kind: 'llamacpp', name: 'model', ggufPath: model.path, servedName, contextTokens, threads, slots: 1 }];
}

function frontPart({ front, model }: SiteFile, paths: SitePaths, containers: ContainerSide | null): PartConfig {
  const upstreamUrl = containers?.upstreamUrl ?? model.endpoint;
  return {
    kind: 'front',
    name: 'front',
    host: containers?.frontHost ?? front.host,
    port: front.port,
    servedName: model.servedName,
    contextTokens: model.contextTokens,
    upstream: upstreamUrl === undefined ? { part: 'model' } : { url: upstreamUrl },
    apiKeyFile: join(paths.secrets, secretFiles.frontApiKey),
    keysFile: join(paths.secrets, secretFiles.frontKeys),
    ...(front.clients && {
      clients: [...front.clients, ...(containers?.gatewaySubnet ? [containers.gatewaySubnet] : [])],
    }),
    ...(front.stableTags && { stableTags: true }),
    ...(/ollama$/.test(model.engine) && { cutsPrompts: true }),
    ...(model.engine === 'external' && { cutsPrompts: 'unknown' as const }),
    ...(model.engine === 'vllm' && { continuesByFlag: true }),
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
