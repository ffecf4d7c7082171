import { join } from 'node:path';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { PartConfig, ServicePlan } from '../serving/parts.ts';
import { slowReadMs } from '../serving/slow-read.ts';
import type { StoredModel } from './find-model.ts';
import { type SitePaths, secretFiles } from './site-paths.ts';
import { urlAddress } from './site-rules.ts';

const startTimeoutMs = 60_000;

/** What the service of a site shall run, from the model outwards. `model` is needed for engine llamacpp only. */
export function servicePlanOf(
  site: SiteFile,
  paths: SitePaths,
  model: StoredModel | null,
  containers: { frontHost: string; upstreamUrl?: string } | null = null,
): ServicePlan {
  const parts: PartConfig[] = [
    ...modelPart(site, model),
    frontPart(site, paths, containers),
    ...gitlabPart(site, paths),
    ...gatewayPart(site, paths),
  ];
  // A model must be read once before its engine can answer.
  return { version: 1, site: site.name, parts, startTimeoutMs: startTimeoutMs + slowReadMs(model?.sizeBytes ?? 0) };
}

/** True for the stand-ins: whatever shows them must say SIMULATED. */
export function isSimulated(part: { kind: string }): boolean {
  return part.kind.startsWith('simulated-');
}

function modelPart(site: SiteFile, model: StoredModel | null): PartConfig[] {
  if (!model || site.model.engine !== 'llamacpp') return [];
  const { servedName, contextTokens, threads } = site.model;
  return [{ kind: 'llamacpp', name: 'model', ggufPath: model.path, servedName, contextTokens, threads, slots: 1 }];
}

function frontPart(
  { front, model }: SiteFile,
  paths: SitePaths,
  containers: { frontHost: string; upstreamUrl?: string } | null,
): PartConfig {
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
  };
}

function gitlabPart({ gitlab }: SiteFile, paths: SitePaths): PartConfig[] {
  if (!gitlab.simulated) return [];
  return [
    {
      kind: 'simulated-gitlab',
      name: 'gitlab',
      ...urlAddress(gitlab.url),
      version: gitlab.version,
      stateFile: join(paths.standIns, 'gitlab.json'),
      adminTokenFile: join(paths.secrets, secretFiles.simulatedGitlabToken),
    },
  ];
}

function gatewayPart({ gateway, gitlab }: SiteFile, paths: SitePaths): PartConfig[] {
  if (gateway.kind !== 'simulated') return [];
  return [
    {
      kind: 'simulated-gateway',
      name: 'gateway',
      host: gateway.host,
      port: gateway.httpPort,
      gitlabUrl: gitlab.url,
      signingKeyFile: join(paths.secrets, secretFiles.gatewaySigning),
      validationKeyFile: join(paths.secrets, secretFiles.gatewayValidation),
    },
  ];
}
