import type { Port } from '../../../shared/machine.ts';
import { listenProblem, type PortOwner, portOwners } from '../processes/port-owner.ts';
import { within } from '../processes/within.ts';
import { type Collected, unknownFact } from './collected.ts';

/** The ports that a site uses on this machine (GitLab's installation page; vLLM's and LiteLLM's defaults). */
const sitePorts = [
  { port: 5052, purpose: 'AI Gateway' },
  { port: 50052, purpose: 'GitLab Duo Agent Platform service' },
  { port: 8000, purpose: 'model server' },
  { port: 4000, purpose: 'LiteLLM' },
] as const;

/** Finds out which ports are free by binding them on loopback and on all addresses, and which processes use the others. */
export async function collectPorts(
  timeoutMs: number,
  wanted: readonly { port: number; purpose: string }[] = sitePorts,
): Promise<Collected<Port[]>> {
  const states = await Promise.all(
    wanted.map(async (one) => ({ ...one, state: (await within(timeoutMs, portState(one.port))) ?? 'not-known' })),
  );
  const taken = states.filter((one) => one.state === 'taken').map((one) => one.port);
  const owners = (await within(timeoutMs, portOwners(taken))) ?? new Map<number, PortOwner>();
  const facts = states.map(
    (one): Port => ({ port: one.port, purpose: one.purpose, state: one.state, owner: owners.get(one.port) ?? null }),
  );
  const unclear = facts.filter((one) => one.state === 'not-known').map((one) => one.port);
  const notKnown = unclear.length > 0 ? [unknownFact('ports', `Binding failed for: ${unclear.join(', ')}.`)] : [];
  return { facts, notKnown };
}

async function portState(port: number): Promise<Port['state']> {
  // In sequence, because the second address overlaps the first.
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const state = await bindOnce(port, host);
    if (state !== 'free') return state;
  }
  return 'free';
}

async function bindOnce(port: number, host: string): Promise<Port['state']> {
  const problem = await listenProblem(host, port);
  if (!problem) return 'free';
  return problem.code === 'EADDRINUSE' ? 'taken' : 'not-known';
}
