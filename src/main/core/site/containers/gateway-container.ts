import type { SiteFile } from '../../../../shared/site-file.ts';
import { type GitlabVersion, isWithin, parseGitlabVersion } from '../../catalog/gitlab-version.ts';
import {
  containerName,
  gatewayNetwork,
  type LocalImage,
  limitsOf,
  type PlannedContainer,
} from '../../engine/planned-container.ts';
import type { GatewayVariablesCatalog } from '../../gitlab/eras-catalog.ts';
import { gatewayValue } from '../../gitlab/gateway-value.ts';
import { addressFamily, isWildcard, urlHost } from '../../http/network-host.ts';
import { frontName } from '../../sites/front-name.ts';
import { siteEndpoints } from '../../sites/site-endpoints.ts';

/** What planning the gateway's container needs besides the site file. */
export interface GatewayFacts {
  image: LocalImage;
  variables: GatewayVariablesCatalog;
  /** The address of this machine on which the front listens for containers. */
  frontAddress: string;
  /** GitLab's address, where only this machine's hosts file knows it. */
  gitlabAddress?: string | undefined;
}

const grpcContainerPort = 50_052;
const startTimeoutMs = 300_000;

/**
 * Plans the AI Gateway's container with the variables of the site's GitLab version (GitLab: installing the AI Gateway, offline
 * deployment). The image has no health check of its own; the container keeps running when a service in it dies.
 */
export function gatewayContainer(site: SiteFile, facts: GatewayFacts): PlannedContainer {
  const version = parseGitlabVersion(site.gitlab.version);
  const { gateway } = site;
  const hasGrpc = hasAgentService(version);
  const hostIp = addressFamily(gateway.host) ? gateway.host : '0.0.0.0';
  const asked = isWildcard(hostIp) ? '127.0.0.1' : hostIp;
  const { env, secrets } = environment(site, version, facts.variables);
  return {
    title: `AI Gateway${facts.image.simulated ? ' (SIMULATED)' : ''}`,
    reference: facts.image.reference,
    secrets,
    health: {
      url: `http://${urlHost(asked)}:${gateway.httpPort}/monitoring/healthz`,
      ...(hasGrpc && { grpc: { host: asked, port: gateway.grpcPort } }),
    },
    startTimeoutMs,
    spec: {
      site: site.name,
      part: 'gateway',
      name: containerName(site.name, 'gateway'),
      imageId: facts.image.imageId,
      env,
      secretEnv: Object.keys(secrets),
      networks: [{ name: gatewayNetwork(site.name), aliases: ['ai-gateway'] }],
      ports: [
        { containerPort: httpContainerPort(version), hostIp, hostPort: gateway.httpPort },
        ...(hasGrpc ? [{ containerPort: grpcContainerPort, hostIp, hostPort: gateway.grpcPort }] : []),
      ],
      mounts: [],
      holds: [],
      // Its start script keeps buffers there.
      tmpfs: ['/tmp'],
      extraHosts: [
        `${frontName}:${facts.frontAddress}`,
        ...(facts.gitlabAddress ? [`${new URL(site.gitlab.url).hostname}:${facts.gitlabAddress}`] : []),
      ],
      ...limitsOf(gateway),
      readOnlyRoot: false,
      dropCapabilities: true,
      simulated: facts.image.simulated,
    },
  };
}

/** True when that version of the gateway has the gRPC service of the Agent Platform. */
export function hasAgentService(version: GitlabVersion): boolean {
  return isWithin(version, { from: '18.4' });
}

// 17.1 has no variable for the port: this is the gateway's own default.
function httpContainerPort(version: GitlabVersion): number {
  return isWithin(version, { to: '17.1' }) ? 5000 : 5052;
}

function environment(
  site: SiteFile,
  version: GitlabVersion,
  { needs, variables }: GatewayVariablesCatalog,
): Pick<PlannedContainer, 'secrets'> & { env: Record<string, string> } {
  const rows = variables.filter((row) => needs[row.need]?.isSet && isWithin(version, row));
  const { gitlabUrl } = siteEndpoints(site);
  const direct = ['localhost', '127.0.0.1', frontName, new URL(gitlabUrl).hostname].join(',');
  const values = rows.flatMap(({ name, value = '' }) => {
    const filled = gatewayValue(value, site);
    return filled === undefined ? [] : [[name, filled]];
  });
  const secrets = rows.flatMap((row) => (row.secret ? [[row.name, row.secret]] : []));
  return {
    // Some engines pass their own proxy to containers; requests to the model and to GitLab must go direct.
    env: { ...Object.fromEntries(values), NO_PROXY: direct, no_proxy: direct },
    secrets: Object.fromEntries(secrets),
  };
}
