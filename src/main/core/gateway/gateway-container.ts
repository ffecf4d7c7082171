import { isIP } from 'node:net';
import type { SiteFile } from '../../../shared/site-file.ts';
import {
  containerName,
  gatewayNetwork,
  type LocalImage,
  limitsOf,
  type PlannedContainer,
} from '../engine/planned-container.ts';
import type { GatewayVariablesCatalog } from '../gitlab/eras-catalog.ts';
import { type GitlabVersion, isWithin, parseGitlabVersion } from '../gitlab/gitlab-version.ts';
import { isWildcard } from '../site/host-kind.ts';
import { frontName } from './front-name.ts';

/** What the gateway's container is made of beside the site file. */
export interface GatewayFacts {
  image: LocalImage;
  variables: GatewayVariablesCatalog;
  /** Where the front listens for containers: an address of this machine. */
  frontAddress: string;
  /** GitLab's address, where this machine knows it by its hosts file alone. */
  gitlabAddress?: string | undefined;
}

const grpcContainerPort = 50_052;
const startTimeoutMs = 300_000;
const needed = ['required', 'documented', 'offline', 'recommended'];

/**
 * The AI Gateway as a container, by the variables of the site's GitLab version (GitLab: installing the AI Gateway, offline
 * deployment). The image has no health check of its own; a dead service inside it does not end the container.
 */
export function gatewayContainer(site: SiteFile, facts: GatewayFacts): PlannedContainer {
  const version = parseGitlabVersion(site.gitlab.version);
  const { gateway } = site;
  const hasGrpc = hasAgentService(version);
  const hostIp = isIP(gateway.host) ? gateway.host : '0.0.0.0';
  const asked = isWildcard(hostIp) ? '127.0.0.1' : hostIp;
  const { env, secrets } = environment(site, version, facts.variables);
  return {
    title: `AI Gateway${facts.image.simulated ? ' (SIMULATED)' : ''}`,
    reference: facts.image.reference,
    secrets,
    health: {
      url: `http://${asked.includes(':') ? `[${asked}]` : asked}:${gateway.httpPort}/monitoring/healthz`,
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
      // Its start script keeps its buffers there.
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

/** True when the gateway of that version has the gRPC service of the Agent Platform. */
export function hasAgentService(version: GitlabVersion): boolean {
  return isWithin(version, { from: '18.4' });
}

/** GitLab's version that an image's tag names (`self-hosted-v18.9.1-ee`, older: `gitlab-v17.3.0`); undefined for other tags. */
export function versionOfTag(reference: string): GitlabVersion | undefined {
  const found = /:(?:self-hosted-v|gitlab-v?)(\d{2})\.(\d{1,2})\.\d+(?:-ee)?(?:@|$)/.exec(reference);
  return found ? { major: Number(found[1]), minor: Number(found[2]) } : undefined;
}

// 17.1 had no variable for it: the gateway's own default.
function httpContainerPort(version: GitlabVersion): number {
  return isWithin(version, { to: '17.1' }) ? 5000 : 5052;
}

function environment(
  site: SiteFile,
  version: GitlabVersion,
  { variables }: GatewayVariablesCatalog,
): Pick<PlannedContainer, 'secrets'> & { env: Record<string, string> } {
  const rows = variables.filter((row) => needed.includes(row.need) && isWithin(version, row));
  const gitlabUrl = site.gitlab.url.replace(/\/+$/, '');
  const direct = ['localhost', '127.0.0.1', frontName, new URL(gitlabUrl).hostname].join(',');
  const values = rows.map((row) => [row.name, (row.value ?? '').replaceAll('{{gitlabUrl}}', gitlabUrl)]);
  const secrets = rows.flatMap((row) => (row.secret ? [[row.name, row.secret]] : []));
  return {
    // Some engines hand their own proxy on to containers; model and GitLab are asked directly.
    env: { ...Object.fromEntries(values), NO_PROXY: direct, no_proxy: direct },
    secrets: Object.fromEntries(secrets),
  };
}
