import type { SiteFile } from '../../../shared/site-file.ts';
import { frontName } from '../gateway/front-name.ts';
import { isWildcard } from '../site/host-kind.ts';

/** The addresses and names that a site gives to GitLab. URLs end without a slash. */
export interface SiteEndpoints {
  gitlabUrl: string;
  gatewayUrl: string;
  /** Host and port without a scheme, as GitLab wants it. */
  agentPlatformUrl: string;
  /** Base URL of the front for requests from this machine, ending in /v1. */
  frontUrl: string;
  /** Base URL of the front as the gateway reaches it: what GitLab stores. */
  modelEndpoint: string;
  /** Name of the self-hosted model in GitLab. */
  modelName: string;
  /** `custom_openai/<served name>` (GitLab's rule for any OpenAI-compatible server). */
  identifier: string;
  timeoutSeconds: number;
}

/**
 * Works out the addresses of a site. A front that listens on all addresses is reached on the gateway's host name.
 * `frontListens`: where the deployed front listens, when that is not what the site file says.
 */
export function siteEndpoints(site: SiteFile, frontListens: string = site.front.host): SiteEndpoints {
  const { gateway, front, model } = site;
  const frontHost = isWildcard(frontListens) ? gateway.host : frontListens;
  const frontUrl = `http://${inUrl(frontHost)}:${front.port}/v1`;
  return {
    gitlabUrl: site.gitlab.url.replace(/\/+$/, ''),
    gatewayUrl: `http://${inUrl(gateway.host)}:${gateway.httpPort}`,
    agentPlatformUrl: `${inUrl(gateway.host)}:${gateway.grpcPort}`,
    frontUrl,
    modelEndpoint: gateway.kind === 'container' ? `http://${frontName}:${front.port}/v1` : frontUrl,
    modelName: `${site.name}-${model.name}`,
    identifier: `custom_openai/${model.servedName}`,
    // Without a GPU the first token of a long prompt takes minutes; GitLab allows 60 to 600 s.
    timeoutSeconds: model.engine === 'llamacpp' ? 300 : 60,
  };
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
