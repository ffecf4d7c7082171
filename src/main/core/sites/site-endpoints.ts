import { cloudOf } from '../../../shared/cloud-platforms.ts';
import { type ModelSite, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { gitlabBase } from '../http/gitlab-url.ts';
import { addressFamily, bareHost, isLoopback, isWildcard, urlHost } from '../http/network-host.ts';
import { withoutEndSlash } from '../http/without-end-slash.ts';
import { frontName } from './front-name.ts';

/** The addresses and names that GitLab gets for a site. URLs have no trailing slash. */
export interface SiteEndpoints {
  /** With the path that GitLab is served under, if any. */
  gitlabUrl: string;
  gatewayUrl: string;
  /** Host and port without a scheme, as GitLab expects it. */
  agentPlatformUrl: string;
  /** Whether the Agent Platform service uses TLS. */
  agentPlatformTls: boolean;
  /** Base URL of the front for requests from this machine, ending in /v1. */
  frontUrl: string;
  /**
   * Base URL of the front for the gateway; GitLab stores it. Undefined when the front listens on all addresses and an existing gateway
   * is on another machine: the site file then does not say which address of this machine the gateway reaches.
   */
  modelEndpoint: string | undefined;
  /** How long GitLab has to wait for an answer of the slowest model. */
  timeoutSeconds: number;
}

/** How GitLab knows one model of a site. */
export interface ModelNames {
  /** Name of the self-hosted model in GitLab. */
  modelName: string;
  /** `custom_openai/<served name>` (GitLab's rule for any OpenAI-compatible server), or the site file's for a platform on the internet. */
  identifier: string;
}

/**
 * Returns the addresses of a site. `frontListens` is where the deployed front listens, if that differs from the site file. A front that
 * listens on all addresses is reached on loopback.
 */
export function siteEndpoints(site: SiteFile, frontListens: string = site.front.host): SiteEndpoints {
  const { gateway, front } = site;
  const frontUrl = `http://${urlHost(reachable(frontListens))}:${front.port}/v1`;
  return {
    gitlabUrl: gitlabBase(site.gitlab.url) ?? site.gitlab.url,
    gatewayUrl: gatewayUrl(gateway),
    agentPlatformUrl: `${urlHost(gatewayHost(site))}:${gateway.grpcPort}`,
    agentPlatformTls: gateway.grpcTls ?? gateway.tls !== undefined,
    frontUrl,
    modelEndpoint: modelEndpoint(site, frontListens, frontUrl),
    // Without a GPU the first token of a long prompt takes minutes; GitLab allows 60 to 600 s.
    timeoutSeconds: modelSites(site).some(({ model }) => model.engine === 'llamacpp') ? 300 : 60,
  };
}

/** Returns the names of a model of a site in GitLab. */
export function modelNames({ name: site, model, part }: ModelSite): ModelNames {
  return {
    // Several models may be served from the same weights.
    modelName: `${site}-${part === undefined ? model.name : model.servedName}`,
    identifier: model.identifier ?? `custom_openai/${model.servedName}`,
  };
}

/** Returns the endpoint of a model that GitLab stores: the front's, or that of a platform on the internet. Undefined as `modelEndpoint` is. */
export function storedEndpoint({ model }: ModelSite, { modelEndpoint }: SiteEndpoints): string | undefined {
  const platform = cloudOf(model);
  return platform ? (model.endpoint ?? platform.endpoint) : modelEndpoint;
}

/** Returns the gateway's host name or address, without brackets. */
export function gatewayHost({ gateway }: Pick<SiteFile, 'gateway'>): string {
  return gateway.url ? bareHost(new URL(gateway.url).hostname) : gateway.host;
}

function gatewayUrl({ url, tls, host, httpPort }: SiteFile['gateway']): string {
  return url !== undefined ? withoutEndSlash(url) : `${tls ? 'https' : 'http'}://${urlHost(host)}:${httpPort}`;
}

function modelEndpoint(site: SiteFile, frontListens: string, frontUrl: string): string | undefined {
  const { gateway, front } = site;
  if (gateway.kind === 'container') return `http://${frontName}:${front.port}/v1`;
  return isWildcard(frontListens) && !isLoopback(gatewayHost(site)) ? undefined : frontUrl;
}

/** Returns a host by which this machine reaches a server of its own that listens on `host`: loopback for every address. */
export function reachable(host: string): string {
  if (!isWildcard(host)) return host;
  return addressFamily(host) === 6 ? '::1' : '127.0.0.1';
}
