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

/** Every host that a site file names, without ports. */
export function namedHosts(site: SiteFile): string[] {
  const urls = [site.gitlab.url, ...(site.model.endpoint === undefined ? [] : [site.model.endpoint])];
  const hosts = urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  return [...new Set([...hosts, site.gateway.host, site.front.host])];
}

/** True when every host is an address of this machine or of a private network (RFC 1918, RFC 4193). A name proves nothing: false. */
export function staysInside(hosts: string[]): boolean {
  return hosts.every((host) => {
    const family = isIP(host);
    return (
      host === 'localhost' || host === '0.0.0.0' || (family !== 0 && inside.check(host, family === 6 ? 'ipv6' : 'ipv4'))
    );
  });
}
