import type { SiteFile } from '../../../shared/site-file.ts';
import { isLoopback } from '../http/network-host.ts';
import { gatewayHost } from './site-endpoints.ts';

/** Says that GitLab refuses the address of an existing gateway and what to do about it; undefined for any other site. */
export function loopbackGateway(site: SiteFile): { problem: string; advice: string } | undefined {
  const { gateway, gitlab } = site;
  const host = gatewayHost(site);
  if (gateway.kind !== 'existing' || gitlab.simulated || !isLoopback(host)) return undefined;
  const field = gateway.url === undefined ? 'gateway.host' : 'gateway.url';
  const advice = `Set ${field} in site.yaml to the name or address by which GitLab reaches the gateway.`;
  return { problem: `The gateway's address is ${host}, which GitLab refuses`, advice };
}
