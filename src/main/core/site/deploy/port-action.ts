import { appError } from '../../../../shared/errors/app-error.ts';
import { siteFilter } from '../../engine/labels.ts';
import { networkState } from '../../engine/networks-and-volumes.ts';
import { addressIn } from '../../engine/subnets.ts';
import { refuseLoopbackDown } from '../../http/refuse-loopback-down.ts';
import { listenProblem, ownerText, portOwner } from '../../processes/port-owner.ts';
import type { ContainerPlan } from '../containers/plan-containers.ts';
import { liveState, serviceFacts } from '../service/service-facts.ts';
import type { StepAction, StepOf } from './step.ts';

type PortStep = StepOf<'port'>;

/** A port must be free or held by a part of this site. The step changes nothing: the part takes the port. */
export const portAction: StepAction<PortStep> = {
  check: async ({ host, port, part, containers }, { paths }) => {
    // The address exists only once its network or bridge does.
    if (await isOfComingNetwork(host, containers)) return 'will-be-made';
    if (await isPortFree(host, port, part)) return 'will-be-made';
    const owner = await portOwner(port);
    const own = liveState(await serviceFacts(paths))?.parts ?? [];
    const isOurs = own.some((one) => (owner ? one.pid === owner.pid : one.port === port));
    if (isOurs) return 'exists';
    if (await isOurContainers(port, containers)) return 'exists';
    throw appError('site.port-taken', { host, port, part, owner: ownerText(owner) });
  },
  apply: async () => undefined,
  verify: async () => undefined,
};

/** Finds out by listening for a moment. Throws `site.address-unusable` when this machine cannot listen there at all, and `network.loopback-down`. */
async function isPortFree(host: string, port: number, part: string): Promise<boolean> {
  await refuseLoopbackDown(host);
  const problem = await listenProblem(host, port);
  if (!problem) return true;
  if (problem.code === 'EADDRINUSE') return false;
  const reasons: Record<string, string> = {
    EADDRNOTAVAIL: 'this machine does not have that address',
    ENOTFOUND: 'the name is unknown',
    EAI_AGAIN: 'the name cannot be looked up',
    EACCES: 'this user may not listen on ports below 1024',
  };
  const reason = reasons[problem.code ?? ''] ?? `the system returned ${problem.code}`;
  throw appError('site.address-unusable', { host, port, part, reason }, problem);
}

async function isOurContainers(port: number, containers: ContainerPlan | null): Promise<boolean> {
  const own = containers && (await containers.engine.docker.listContainers({ filters: siteFilter(containers.mark) }));
  return (own ?? []).some((one) => one.Ports.some((published) => published.PublicPort === port));
}

async function isOfComingNetwork(host: string, containers: ContainerPlan | null): Promise<boolean> {
  if (!containers) return false;
  const network = containers.networks.find((one) => one.subnet && addressIn(one.subnet, 1) === host);
  if (!network) return false;
  if ((await networkState(containers.engine, network)) !== 'as-wanted') return true;
  return containers.engine.bridges === 'while-running' && (await listenProblem(host, 0))?.code === 'EADDRNOTAVAIL';
}
