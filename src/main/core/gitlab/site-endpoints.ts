import type { SiteFile } from '../../../shared/site-file.ts';

/** The addresses and names that a site gives to GitLab. URLs end without a slash. */
export interface SiteEndpoints {
  gitlabUrl: string;
  gatewayUrl: string;
  /** Host and port without a scheme, as GitLab wants it. */
  agentPlatformUrl: string;
  /** Base URL of the front, ending in /v1. */
  frontUrl: string;
  /** Name of the self-hosted model in GitLab. */
  modelName: string;
  /** `custom_openai/<served name>` (GitLab's rule for any OpenAI-compatible server). */
  identifier: string;
  timeoutSeconds: number;
}

/** Works out the addresses of a site. A front that listens on all addresses is reached on the gateway's host name. */
export function siteEndpoints(site: SiteFile): SiteEndpoints {
  const { gateway, front, model } = site;
  const frontHost = isWildcard(front.host) ? gateway.host : front.host;
  return {
    gitlabUrl: site.gitlab.url.replace(/\/+$/, ''),
    gatewayUrl: `http://${inUrl(gateway.host)}:${gateway.httpPort}`,
    agentPlatformUrl: `${inUrl(gateway.host)}:${gateway.grpcPort}`,
    frontUrl: `http://${inUrl(frontHost)}:${front.port}/v1`,
    modelName: `${site.name}-${model.name}`,
    identifier: `custom_openai/${model.servedName}`,
    // Without a GPU the first token of a long prompt takes minutes; GitLab allows 60 to 600 s.
    timeoutSeconds: model.engine === 'llamacpp' ? 300 : 60,
  };
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
