import { z } from 'zod';
import { boundedRequest } from '../http/bounded-request.ts';
import type { ProbeContext } from './hop.ts';
import { judge } from './judge-answer.ts';
import { type HopOutcome, observe, red } from './observation.ts';

const health = z.record(z.string(), z.unknown());

/**
 * Asks the gateway for its health, and for a path that it does not have. It answers the latter with 401 or 404; what answers every path
 * with 200, such as a captive portal, is no gateway.
 */
export async function checkHealth({ endpoints, ca, signal, now }: ProbeContext, id: string): Promise<HopOutcome> {
  const ask = (path: string) =>
    boundedRequest({
      method: 'GET',
      url: `${endpoints.gatewayUrl}/monitoring/${path}`,
      headers: { 'x-request-id': id },
      timeoutMs: 10_000,
      ca,
      signal,
    });
  const outcome = judge(await ask('healthz'), now, health, (body) => JSON.stringify(body));
  if (!outcome.ok) return outcome;
  const other = await ask('no-such-check');
  if (other.kind !== 'answer' || other.status !== 200) return outcome;
  const why = 'it answers a path that the AI Gateway does not have with status 200, so it is something else';
  return red(observe(other, now()), 'unexpected-shape', why);
}
