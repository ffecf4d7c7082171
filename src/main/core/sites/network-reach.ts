import { cloudOf, usedPlatforms } from '../../../shared/cloud-platforms.ts';
import { modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile, SiteModel } from '../../../shared/site-file.ts';
import { bareHost, type HostKind, hostKind } from '../http/network-host.ts';
import { gatewayHost } from './site-endpoints.ts';

/** Providers that are never inside an enclave. */
const cloudHosts =
  /(^|\.)(amazonaws\.com|azure\.com|openai\.com|anthropic\.com|googleapis\.com|gitlab\.com|gitlab\.net)$/i;

function isCloudHost(host: string): boolean {
  return cloudHosts.test(host);
}

/** Returns where on the internet a model is: a platform that the gateway asks, or the host of an external server there. */
export function outsidePlace(model: SiteModel): string | undefined {
  const host = model.endpoint === undefined ? '' : bareHost(new URL(model.endpoint).hostname);
  return cloudOf(model)?.title ?? (isCloudHost(host) ? host : undefined);
}

/** What a site's addresses prove. A name proves nothing without a name server, unless a known provider owns it. */
export type NetworkReach = 'inside' | 'outside' | 'not-known';

/** Returns every host that a site file names, without ports; a platform on the internet as its domain. */
export function namedHosts(site: SiteFile): string[] {
  const urls = [site.gitlab.url, ...modelSites(site).flatMap(({ model }) => model.endpoint ?? [])];
  const hosts = urls.map((url) => bareHost(new URL(url).hostname));
  const platforms = usedPlatforms(site).map(({ domain }) => domain);
  return [...new Set([...hosts, ...platforms, gatewayHost(site), site.front.host])];
}

/**
 * `inside`: every host is an address of this machine or of a private network (RFC 1918, RFC 4193). `outside`: one is an address
 * of the internet or a known cloud provider.
 */
export function networkReach(hosts: string[]): NetworkReach {
  const reaches = hosts.map(reachOf);
  if (reaches.includes('outside')) return 'outside';
  return reaches.every((one) => one === 'inside') ? 'inside' : 'not-known';
}

const reachOfKind: Record<Exclude<HostKind, 'name'>, NetworkReach> = {
  loopback: 'inside',
  wildcard: 'inside',
  private: 'inside',
  unclear: 'not-known',
  public: 'outside',
};

function reachOf(host: string): NetworkReach {
  const kind = hostKind(host);
  if (kind === 'name') return isCloudHost(host) ? 'outside' : 'not-known';
  return reachOfKind[kind];
}
