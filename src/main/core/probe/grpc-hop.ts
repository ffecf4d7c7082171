import { hasAgentService, parseGitlabVersion } from '../catalog/gitlab-version.ts';
import { type GrpcAnswer, grpcHealth } from '../http/grpc-health.ts';
import { gatewayHost } from '../sites/site-endpoints.ts';
import type { Hop, ProbeContext } from './hop.ts';
import { type HopOutcome, type Observation, red } from './observation.ts';
import { hasSimulatedGateway } from './stand-in-hops.ts';

/** Asks the gateway's service for the Agent Platform for its health, by the gRPC health protocol. */
export const grpcHop: Hop = {
  hop: 'gateway-grpc',
  title: 'Agent Platform service of the AI Gateway (gRPC)',
  isSimulated: hasSimulatedGateway,
  reasonToLeaveOut: ({ site }) => {
    if (site.gateway.kind === 'simulated') return 'the SIMULATED gateway has no gRPC service';
    if (!hasAgentService(parseGitlabVersion(site.gitlab.version)))
      return `the gateway of GitLab ${site.gitlab.version} has no such service`;
    return site.features.includes('DUO_AGENT_PLATFORM') ? undefined : 'the site does not use the Agent Platform';
  },
  run: async ({ site, endpoints, ca, signal }: ProbeContext, requestId) => {
    const ask = { host: gatewayHost(site), port: site.gateway.grpcPort, requestId, timeoutMs: 10_000, signal };
    return outcomeOf(await grpcHealth({ ...ask, ...(endpoints.agentPlatformTls && { tls: { ca } }) }));
  },
};

function outcomeOf(said: GrpcAnswer): HopOutcome {
  const { httpStatus: status, headers, latencyMs } = said;
  const seen = (text: string): Observation => ({ status, headers, text, latencyMs, clockOffsetSeconds: null });
  if (said.kind === 'failure') return red(seen(said.detail), said.failure, `no answer: ${said.detail}`);
  if (said.kind === 'refused')
    return red(
      seen(said.detail),
      'said-no',
      `it refused the health check: gRPC status ${said.grpcStatus}, ${said.detail}`,
    );
  if (said.status === 'SERVING') return { ok: true, seen: seen(''), answer: said.status };
  return red(seen(said.status), 'said-no', `it reports its health as ${said.status}`);
}
