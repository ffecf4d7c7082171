import { appError } from '../../../shared/errors/app-error.ts';
import { siteFilter } from '../engine/labels.ts';
import { networkState } from '../engine/networks-and-volumes.ts';
import { addressIn } from '../engine/subnets.ts';
import { listenProblem, ownerText, portOwner } from '../processes/port-owner.ts';
import { liveState, serviceFacts } from './service-facts.ts';
import type { Step } from './step.ts';
import type { StepAction, StepContext } from './step-action.ts';

type PortStep = Extract<Step, { kind: 'port' }>;

/** A port must be free, or held by a part of this very site. Nothing is done to it: its part takes it. */
export const portAction: StepAction<PortStep> = {
  check: async ({ host, port, part }, context) => {
    const { paths } = context;
    // The address comes with its network.
    if (await isOfComingNetwork(host, context)) return 'will-be-made';
    if (await isPortFree(host, port, part)) return 'will-be-made';
    const owner = await portOwner(port);
    const own = liveState(await serviceFacts(paths))?.parts ?? [];
    const isOurs = own.some((one) => (owner ? one.pid === owner.pid : one.port === port));
    if (isOurs) return 'exists';
    if (await isOurContainers(port, context)) return 'exists';
    throw appError('site.port-taken', { host, port, part, owner: ownerText(owner) });
  },
  apply: async () => undefined,
  verify: async () => undefined,
};

/** Found by listening for a moment. Throws `site.address-unusable` when this machine cannot listen there at all. */
async function isPortFree(host: string, port: number, part: string): Promise<boolean> {
  const problem = await listenProblem(host, port);
  if (!problem) return true;
  if (problem.code === 'EADDRINUSE') return false;
  const reasons: Record<string, string> = {
    EADDRNOTAVAIL: 'this machine does not have that address',
    ENOTFOUND: 'the name is not known',
    EAI_AGAIN: 'the name cannot be looked up',
    EACCES: 'ports below 1024 need rights that this user does not have',
  };
  const reason = reasons[problem.code ?? ''] ?? `the system says ${problem.code}`;
  throw appError('site.address-unusable', { host, port, part, reason }, problem);
}

async function isOurContainers(port: number, { containers }: StepContext): Promise<boolean> {
  const own = containers && (await containers.engine.docker.listContainers({ filters: siteFilter(containers.mark) }));
  return (own ?? []).some((one) => one.Ports.some((published) => published.PublicPort === port));
}

async function isOfComingNetwork(host: string, { containers }: StepContext): Promise<boolean> {
  if (!containers) return false;
  const network = containers.networks.find((one) => one.subnet && addressIn(one.subnet, 1) === host);
  return network !== undefined && (await networkState(containers.engine, network)) !== 'as-wanted';
}
