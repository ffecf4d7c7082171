import type { PlannedContainer } from '../../engine/planned-container.ts';
import { boundedRequest } from '../../http/bounded-request.ts';
import { grpcHealth } from '../../http/grpc-health.ts';

const timeoutMs = 5000;

/** True when a container answers 200 and its gRPC service, if it has one, reports SERVING: an open port alone proves nothing. */
export async function isHealthy(health: PlannedContainer['health'], signal: AbortSignal): Promise<boolean> {
  const answer = await boundedRequest({ method: 'GET', url: health.url, ca: health.ca, timeoutMs, signal });
  if (answer.kind !== 'answer' || answer.status !== 200) return false;
  if (!health.grpc) return true;
  const said = await grpcHealth({ ...health.grpc, timeoutMs, signal });
  return said.kind === 'health' && said.status === 'SERVING';
}
