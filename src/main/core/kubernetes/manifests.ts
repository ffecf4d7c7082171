import { stringify } from 'yaml';
import { usedPlatforms } from '../../../shared/cloud-platforms.ts';
import { addressFamily } from '../http/network-host.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';
import { urlAddress } from '../sites/site-rules.ts';
import { clusterNames, type Release } from './release.ts';

/** Returns the manifest of the namespace. */
export function namespaceText({ namespace }: Release): string {
  return stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
}

/** The port of the gateway's service for the Agent Platform (gRPC). */
export const agentServicePort = 50_052;

const tcp = (port: number) => ({ protocol: 'TCP', port });

/**
 * Returns the manifest of a network policy: the gateway's pods accept only its ports, and reach only name servers, GitLab and the model
 * server. Without known addresses only their ports are limited. With a platform on the internet, they reach port 443 of every address.
 */
export function policyText(release: Release): string {
  const { namespace, hasAgentService } = release;
  const to = allowedRanges(release).map((cidr) => ({ ipBlock: { cidr } }));
  const names = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } };
  return stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: clusterNames.release, namespace },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [tcp(5052), ...(hasAgentService ? [tcp(agentServicePort)] : [])] }],
      egress: [
        { to: [names], ports: [{ protocol: 'UDP', port: 53 }, tcp(53)] },
        { ...(to.length > 0 && { to }), ports: servers(release).map(({ port }) => tcp(port)) },
        // The addresses of platforms change, and a policy takes no names.
        ...(usedPlatforms(release.site).length > 0 ? [{ ports: [tcp(443)] }] : []),
      ],
    },
  });
}

/** Returns the given ranges, and GitLab's and the model server's addresses where the site file names addresses. */
export function allowedRanges(release: Release): string[] {
  const own = servers(release).map(({ host }) => {
    const family = addressFamily(host ?? '');
    return family === 0 ? undefined : `${host}/${family === 6 ? 128 : 32}`;
  });
  if (release.allow.length === 0 && own.includes(undefined)) return [];
  return [...new Set([...release.allow, ...own.filter((one) => one !== undefined)])];
}

/** GitLab and the front. A front that listens on all addresses has an unknown host. */
function servers({ site }: Release): { host?: string; port: number }[] {
  const { gitlabUrl, modelEndpoint } = siteEndpoints(site);
  return [urlAddress(gitlabUrl), modelEndpoint === undefined ? { port: site.front.port } : urlAddress(modelEndpoint)];
}
