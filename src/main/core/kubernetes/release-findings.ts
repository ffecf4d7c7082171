import { usedPlatforms } from '../../../shared/cloud-platforms.ts';
import { command, steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { outsideFindings } from '../sites/outside-findings.ts';
import { agentServicePort, allowedRanges } from './manifests.ts';
import type { Chart } from './read-chart.ts';
import type { Release } from './release.ts';
import { releaseValues } from './values-text.ts';

/** Says what the written files do not do. */
export function releaseFindings(release: Release, chart: Chart): Finding[] {
  return [
    ...chartFindings(release, chart),
    ...agentFindings(release, chart),
    ...policyFindings(release),
    ...platformPolicyFindings(release),
    ...outsideFindings(release.site),
    ...credentialFindings(release),
    ...modelFindings(release),
  ];
}

function chartFindings(release: Release, { fields, name, version }: Chart): Finding[] {
  const wanted = Object.entries(releaseValues(release)).flatMap(([group, value]) =>
    group === 'gitlab' || group === 'image' ? Object.keys(value as object).map((one) => `${group}.${one}`) : [group],
  );
  const unknown = wanted.filter((field) => !fields.has(field));
  if (unknown.length === 0) return [];
  return [
    {
      id: 'kubernetes.chart-fields',
      severity: 'amber',
      title: `The chart ${name} ${version} names no ${unknown.join(', ')} in its values.yaml`,
      consequence: 'Helm ignores values that a chart does not use.',
      remedies: [steps('See what the chart does with them: helm template ai-gateway chart.tgz --values values.yaml')],
    },
  ];
}

/** GitLab's page on the chart names no value for it, so none is set. */
function agentFindings(
  { site, hasAgentService, host, namespace }: Release,
  { name, version, numbers }: Chart,
): Finding[] {
  if (!hasAgentService || !site.features.includes('DUO_AGENT_PLATFORM') || numbers.has(agentServicePort)) return [];
  return [
    {
      id: 'kubernetes.no-agent-port',
      severity: 'amber',
      title: `The chart ${name} ${version} names no port ${agentServicePort} in its values.yaml`,
      consequence: `The site uses the Agent Platform, whose service GitLab must reach at ${host}:${site.gateway.grpcPort} (gRPC), and the ingress leads only to the HTTP port.`,
      remedies: [
        steps(
          `Find the gateway's deployment: kubectl get deployments --namespace ${namespace}`,
          `Create a service for the port: kubectl expose deployment NAME --namespace ${namespace} --name agent-platform --port ${agentServicePort}`,
          `Route port ${site.gateway.grpcPort} of ${host} to it (TCP), for example with the TCP services of the ingress controller. For another port, set gateway.grpcPort in site.yaml.`,
          'Then run: sealift probe SITE.yaml',
        ),
      ],
    },
  ];
}

/** A role of the cluster is better than a key in a file, and GitLab's page names both. */
function credentialFindings({ site, namespace }: Release): Finding[] {
  const titles = usedPlatforms(site).flatMap((one) => (one.credentials === 'gateway' ? [one.title] : []));
  if (titles.length === 0) return [];
  return [
    {
      id: 'kubernetes.platform-credentials',
      severity: 'amber',
      title: `The written values have no credentials for ${titles.join(' and ')}`,
      consequence: 'The gateway in the cluster cannot ask those models before it has them.',
      remedies: [
        steps(
          'See which variables the gateway needs: sealift gitlab plan SITE.yaml',
          `Put secret ones into a secret of the namespace ${namespace}, and name them in values.yaml under extraEnvironmentVariables, with valueFrom.secretKeyRef.`,
          'On Amazon EKS, annotate serviceAccount in values.yaml with a role instead (IRSA), and set AWS_REGION only.',
        ),
      ],
    },
  ];
}

function policyFindings(release: Release): Finding[] {
  if (allowedRanges(release).length > 0) return [];
  return [
    {
      id: 'kubernetes.open-egress',
      severity: 'amber',
      title: 'The network policy limits only ports, since the addresses of GitLab and the model server are unknown',
      consequence: 'The gateway can reach other hosts on those ports.',
      remedies: [steps('Name their address ranges: --allow 10.20.0.0/16 (once for each range).')],
    },
  ];
}

function platformPolicyFindings({ site }: Release): Finding[] {
  const platforms = usedPlatforms(site);
  if (platforms.length === 0) return [];
  const titles = platforms.map(({ title }) => title).join(' and ');
  const domains = platforms.map(({ domain }) => domain).join(', ');
  return [
    {
      id: 'kubernetes.open-https',
      severity: 'amber',
      title: `The network policy opens port 443 to every address, for ${titles}`,
      consequence:
        'The addresses of a platform change, and a network policy takes no names, so the gateway can reach any host on that port. --allow does not limit it.',
      remedies: [
        steps(
          `If your cluster has policies by name (Cilium's toFQDNs, for example), replace the rule for port 443 in network-policy.yaml with one that allows only ${domains} and their subdomains.`,
        ),
        steps(
          `Or send the traffic through an egress proxy that allows only ${domains} and their subdomains, and replace the rule for port 443 with the address of the proxy.`,
        ),
      ],
    },
  ];
}

function modelFindings({ modelServer }: Release): Finding[] {
  if (!modelServer || modelServer.hasFiles) return [];
  return [
    {
      id: 'kubernetes.model-unseen',
      severity: 'amber',
      title: `The model ${modelServer.model.name} is not in this machine's store, so its files could not be looked at`,
      consequence:
        "Arguments for Mistral's own format are left out, and whether its template calls tools is not known.",
      remedies: [command('Import it, then write the files again', 'sealift import DIR')],
    },
  ];
}
