import { BlockList, isIP } from 'node:net';
import type { SiteFile } from '../../../shared/site-file.ts';

const inside = new BlockList();
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  inside.addSubnet(net, bits, 'ipv4');
}
inside.addAddress('::1', 'ipv6');
inside.addSubnet('fc00::', 7, 'ipv6');

/** Providers that are never inside an enclave. */
const cloudHosts =
  /(^|\.)(amazonaws\.com|azure\.com|openai\.com|anthropic\.com|googleapis\.com|gitlab\.com|gitlab\.net)$/i;
/** Neither the internet's nor surely this site's: link-local and carrier addresses (RFC 3927, 4291, 6598). */
const unclear = new BlockList();
unclear.addSubnet('169.254.0.0', 16, 'ipv4');
unclear.addSubnet('100.64.0.0', 10, 'ipv4');
unclear.addSubnet('fe80::', 10, 'ipv6');
unclear.addAddress('::', 'ipv6');

/** What the addresses of a site prove: a name proves nothing without a name server, unless it is a known provider's. */
export type NetworkReach = 'inside' | 'outside' | 'not-known';

/** Every host that a site file names, without ports. */
export function namedHosts(site: SiteFile): string[] {
  const urls = [site.gitlab.url, ...(site.model.endpoint === undefined ? [] : [site.model.endpoint])];
  const hosts = urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  return [...new Set([...hosts, site.gateway.host, site.front.host])];
}

/**
 * `inside`: every host is an address of this machine or of a private network (RFC 1918, RFC 4193). `outside`: one is an address of the
 * internet or a known cloud provider.
 */
export function networkReach(hosts: string[]): NetworkReach {
  const reaches = hosts.map(reachOf);
  if (reaches.includes('outside')) return 'outside';
  return reaches.every((one) => one === 'inside') ? 'inside' : 'not-known';
}

function reachOf(host: string): NetworkReach {
  if (host === 'localhost' || host === '0.0.0.0') return 'inside';
  const family = isIP(host);
  if (family === 0) return cloudHosts.test(host) ? 'outside' : 'not-known';
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  if (inside.check(host, kind)) return 'inside';
  return unclear.check(host, kind) ? 'not-known' : 'outside';
}
