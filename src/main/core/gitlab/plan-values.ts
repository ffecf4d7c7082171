import { cloudOf } from '../../../shared/cloud-platforms.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { type ModelSite, modelSites } from '../../../shared/model-sites.ts';
import type { GitlabInstallation, SiteFile } from '../../../shared/site-file.ts';
import type { GitlabVersion } from '../catalog/gitlab-version.ts';
import { bareHost } from '../http/network-host.ts';
import { withoutEndSlash } from '../http/without-end-slash.ts';
import { modelNames, siteEndpoints, storedEndpoint } from '../sites/site-endpoints.ts';

/** Input of the plan: a version, and a site or a gateway URL if known. */
export interface PlanWish {
  version: GitlabVersion;
  site?: SiteFile | undefined;
  gatewayUrl?: string | undefined;
  /** Default: that of the site, or the Linux package. */
  installation?: GitlabInstallation | undefined;
}

/** Returns the values that steps are filled in with; those of a model for a step about one. Throws `input.invalid` for values that are not safe to paste. */
export function planValues({ site, gatewayUrl }: PlanWish, of = onlyModel(site)): Record<string, string> {
  const own = site && siteEndpoints(site);
  const gateway = gatewayUrl ?? own?.gatewayUrl;
  const values: Record<string, string> = {
    ...(gateway && {
      gatewayUrl: copyable('gateway URL', withoutEndSlash(gateway)),
      gatewayHost: hostOf(gateway),
      gatewayPort: portOf(gateway),
    }),
    ...(own &&
      site && {
        agentPlatformUrl: own.agentPlatformUrl,
        agentPlatformTls: String(own.agentPlatformTls),
        agentPlatformPort: String(site.gateway.grpcPort),
        gitlabUrl: own.gitlabUrl,
        gitlabHost: bareHost(new URL(own.gitlabUrl).hostname),
        timeoutSeconds: String(own.timeoutSeconds),
      }),
    ...(own && of && endpointOf(storedEndpoint(of, own))),
    apiKey: apiKeyText(of),
    ...(of && {
      ...modelNames(of),
      family: of.model.family,
      familyLower: of.model.family.toLowerCase(),
      features: of.features.join(', '),
    }),
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, copyable(name, value)]));
}

function endpointOf(endpoint: string | undefined): { endpoint?: string } {
  return endpoint === undefined ? {} : { endpoint };
}

/** Says which key a model gets in GitLab, never the key itself. */
function apiKeyText(of: ModelSite | undefined): string {
  const platform = of && cloudOf(of.model);
  if (!platform) return 'the content of front-api-key among the secret files of the site';
  return platform.credentials === 'gitlab' ? `the key of ${platform.title}` : 'none, the gateway has the credentials';
}

function onlyModel(site: SiteFile | undefined): ModelSite | undefined {
  return site && !site.models ? modelSites(site)[0] : undefined;
}

/** Returns a value that people paste into a root shell. Throws `input.invalid` for one that is not safe there. */
export function copyable(name: string, value: string): string {
  if (/^[\w.:/@%[\], -]*$/.test(value)) return value;
  throw appError('input.invalid', {
    what: name,
    issues: ['has characters that do not belong into a host name or URL'],
  });
}

function hostOf(url: string): string {
  try {
    const { host, protocol } = new URL(url);
    if (host && (protocol === 'http:' || protocol === 'https:')) return host;
  } catch {
    // falls through: not a URL
  }
  throw appError('input.invalid', { what: 'gateway URL', issues: ['write it as http://host:5052'] });
}

function portOf(gateway: string): string {
  const { port, protocol } = new URL(gateway);
  return port || (protocol === 'https:' ? '443' : '80');
}
