import { dirname } from 'node:path/posix';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { type GitlabVersion, hasAgentService, isWithin, parseGitlabVersion } from '../../catalog/gitlab-version.ts';
import {
  containerName,
  gatewayNetwork,
  type LocalImage,
  limitsOf,
  type PlannedContainer,
} from '../../engine/planned-container.ts';
import type { GatewayVariablesCatalog } from '../../gitlab/eras-catalog.ts';
import { gatewayEnvironment } from '../../gitlab/gateway-environment.ts';
import { gatewayFiles } from '../../gitlab/gateway-value.ts';
import { addressFamily, isWildcard, urlHost } from '../../http/network-host.ts';
import { frontName } from '../../sites/front-name.ts';
import { siteEndpoints } from '../../sites/site-endpoints.ts';
import type { GatewayFiles } from './gateway-files.ts';
import { gatewayLogFile } from './log-folder.ts';

/** What planning the gateway's container needs besides the site file. */
export interface GatewayFacts {
  image: LocalImage;
  variables: GatewayVariablesCatalog;
  /** The address of this machine on which the front listens for containers. */
  frontAddress: string;
  /** GitLab's address, where only this machine's hosts file knows it. */
  gitlabAddress?: string | undefined;
  /** The certificates that it reads; none by default. */
  certificates?: GatewayFiles;
}

const grpcContainerPort = 50_052;
const startTimeoutMs = 300_000;
/** The memory of a gateway without a limit: 1.2 GiB were measured for its two services (GitLab 18.9). */
export const gatewayBytes = 2 * 1024 ** 3;

/**
 * Plans the AI Gateway's container with the variables of the site's GitLab version (GitLab: installing the AI Gateway, offline
 * deployment). The image has no health check of its own; the container keeps running when a service in it dies.
 */
export function gatewayContainer(site: SiteFile, facts: GatewayFacts): PlannedContainer {
  const version = parseGitlabVersion(site.gitlab.version);
  const { gateway } = site;
  const hasGrpc = hasAgentService(version);
  const hostIp = addressFamily(gateway.host) ? gateway.host : '0.0.0.0';
  // A certificate is valid for the gateway's name, not for loopback.
  const asked = gateway.tls ? gateway.host : isWildcard(hostIp) ? '127.0.0.1' : hostIp;
  const { env, secrets } = environment(site, facts.variables);
  const { files = [], ca } = facts.certificates ?? {};
  return {
    title: `AI Gateway${facts.image.simulated ? ' (SIMULATED)' : ''}`,
    role: 'gateway' as const,
    reference: facts.image.reference,
    secrets,
    health: {
      url: `${gateway.tls ? 'https' : 'http'}://${urlHost(asked)}:${gateway.httpPort}/monitoring/healthz`,
      ca,
      ...(hasGrpc && { grpc: { host: asked, port: gateway.grpcPort, ...(gateway.tls && { tls: { ca } }) } }),
    },
    ...(gateway.logFolder && { logFile: { path: gatewayLogFile(gateway.logFolder) } }),
    startTimeoutMs,
    spec: {
      site: site.name,
      part: 'gateway',
      name: gateway.containerName ?? containerName(site.name, 'gateway'),
      imageId: facts.image.imageId,
      env,
      secretEnv: Object.keys(secrets),
      networks: [{ name: gatewayNetwork(site.name), aliases: ['ai-gateway'] }],
      ports: [
        { containerPort: httpContainerPort(version), hostIp, hostPort: gateway.httpPort },
        ...(hasGrpc ? [{ containerPort: grpcContainerPort, hostIp, hostPort: gateway.grpcPort }] : []),
      ],
      mounts: mountsOf(site, files),
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

function mountsOf({ gateway }: SiteFile, files: GatewayFiles['files']): PlannedContainer['spec']['mounts'] {
  const mount = (source: string, target: string) => ({ source, target, readOnly: true, kind: 'bind' as const });
  return [
    ...files.map(({ path, target }) => mount(path, target)),
    // Where GitLab's page for 17.3 mounts it.
    ...(gateway.docsIndex ? [mount(gateway.docsIndex, '/app/tmp/docs.db')] : []),
    ...(gateway.logFolder ? [{ ...mount(gateway.logFolder, dirname(gatewayFiles.log)), readOnly: false }] : []),
  ];
}

// 17.1 has no variable for the port: this is the gateway's own default.
function httpContainerPort(version: GitlabVersion): number {
  return isWithin(version, { to: '17.1' }) ? 5000 : 5052;
}

function environment(
  site: SiteFile,
  variables: GatewayVariablesCatalog,
): Pick<PlannedContainer, 'secrets'> & { env: Record<string, string> } {
  const { env, secrets, keys } = gatewayEnvironment(site, variables);
  const { hostname } = new URL(siteEndpoints(site).gitlabUrl);
  const direct = ['localhost', '127.0.0.1', frontName, hostname].join(',');
  // Some engines pass their own proxy to containers; requests to the model and to GitLab must go direct.
  return { env: { ...env, NO_PROXY: direct, no_proxy: direct }, secrets: { ...secrets, ...keys } };
}
