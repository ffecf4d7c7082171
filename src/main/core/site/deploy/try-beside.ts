import { freemem } from 'node:os';
import type { Engine } from '../../engine/connect-engine.ts';
import type { ContainerSpec } from '../../engine/container-spec.ts';
import { containerState } from '../../engine/container-state.ts';
import { foreignContainer } from '../../engine/ensure-container.ts';
import { networkState } from '../../engine/networks-and-volumes.ts';
import { containerName, type PlannedContainer } from '../../engine/planned-container.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { urlHost } from '../../http/network-host.ts';
import { fillSecrets } from '../containers/fill-secrets.ts';
import { gatewayBytes } from '../containers/gateway-container.ts';
import { withoutLogFile } from '../containers/log-folder.ts';
import type { ContainerPlan } from '../containers/plan-containers.ts';
import { startContainer, waitContainer } from '../containers/start-container.ts';
import type { CheckedStep, Step, StepContext, StepOf } from './step.ts';
import { doStep } from './step-actions.ts';

/** Whether a new container was tried next to the running one before the switch, or why it could not be. */
export interface Tried {
  part: string;
  title: string;
  whyNot?: string;
}

type EnsureStep = Extract<StepOf<'container'>, { run: 'ensure' }>;

/**
 * Starts each container that a deployment would make or change under a name of its own, without its ports and addresses, waits until it
 * is healthy, and removes it. What runs is not touched. Throws what made one fail; one that can't run next to the old one is only named.
 */
export async function tryBeside(
  planned: CheckedStep[],
  containers: ContainerPlan,
  context: StepContext,
): Promise<Tried[]> {
  const steps = planned.flatMap(({ step, state }) =>
    step.kind === 'container' && step.run === 'ensure' && state !== 'exists' ? [step] : [],
  );
  if (steps.length === 0) return [];
  for (const { step, state } of planned) if (isMounted(step)) await doStep(step, state, context);
  const tried: Tried[] = [];
  for (const step of steps) {
    const about = { part: step.planned.spec.part, title: step.planned.title };
    const whyNot = await reasonAgainst(step, containers, context);
    if (whyNot === undefined) await tryOne(step, context);
    tried.push(whyNot === undefined ? about : { ...about, whyNot });
  }
  return tried;
}

/** The engine refuses to mount what is missing. */
function isMounted({ id }: Step): boolean {
  return id === 'folder.containers' || id.startsWith('file.container-');
}

async function reasonAgainst(
  { engine, networks, planned }: EnsureStep,
  { gateway }: ContainerPlan,
  { paths }: StepContext,
): Promise<string | undefined> {
  const { spec, health } = planned;
  const isGateway = spec.part === gateway?.spec.part;
  if (spec.gpu) return 'the running model server holds the memory of the GPUs';
  if (spec.mounts.some((one) => one.kind === 'volume')) return 'both would write to the same volume';
  if (health.url.startsWith('https:')) return 'its certificate is valid for its own address only';
  if (!isGateway && engine.bridges === 'never')
    return 'this machine reaches a container of this engine by its ports only';
  for (const network of networks)
    if ((await networkState(engine, network)) !== 'as-wanted') return 'its network is not there yet';
  if (!(await fillSecrets(planned, paths))) return 'its keys are made by the deployment';
  const bytes = spec.memoryBytes ?? (isGateway ? gatewayBytes : undefined);
  if (bytes === undefined) return 'the site file sets no memoryGiB for it, so whether both fit in memory is unknown';
  return freemem() < bytes ? 'there is not enough free memory for both' : undefined;
}

async function tryOne({ engine, mark, planned }: EnsureStep, { paths, work }: StepContext): Promise<void> {
  const trial = trialOf(planned);
  // It is removed by its name.
  const state = await containerState(engine, trial.spec, mark.owner);
  if (state.kind === 'foreign') throw foreignContainer(state);
  work.step(trial.spec.part, `Try ${trial.spec.name} next to the running container`);
  try {
    await startContainer(engine, trial, { paths, work, mark });
    const health = await trialHealth(engine, planned, trial.spec);
    await waitContainer(engine, { ...trial, health }, { paths, work, mark });
  } finally {
    await engine.docker
      .getContainer(trial.spec.name)
      .remove({ force: true, v: true })
      .catch(() => work.warn(`${trial.spec.name} could not be removed; the next deployment removes it`));
  }
}

/** Returns a container as it is tried: under a name that no part of any site can have, without its ports, addresses and log file. */
export function trialOf(planned: PlannedContainer): PlannedContainer {
  const { spec, ...rest } = withoutLogFile(planned);
  // Names in a site file have no capitals.
  const part = `${spec.part}-Trial`;
  return {
    ...rest,
    spec: {
      ...spec,
      part,
      name: containerName(spec.site, part),
      networks: spec.networks.map(({ name }) => ({ name, aliases: [] })),
      ports: spec.ports.map((one) => ({ ...one, hostIp: '127.0.0.1', hostPort: 0 })),
    },
  };
}

/** Where the trial answers: at a published port that the engine chose, else at its own address. */
async function trialHealth(
  engine: Engine,
  { health, spec }: PlannedContainer,
  trial: ContainerSpec,
): Promise<PlannedContainer['health']> {
  try {
    const { NetworkSettings: settings } = await engine.docker.getContainer(trial.name).inspect();
    const own = trial.networks.map(({ name }) => settings.Networks[name]?.IPAddress).find((one) => one);
    const moved = (port: number) => {
      const published = spec.ports.find((one) => one.hostPort === port);
      const chosen = published && settings.Ports[`${published.containerPort}/tcp`]?.[0]?.HostPort;
      return published ? { host: '127.0.0.1', port: Number(chosen ?? 0) } : { host: own ?? '', port };
    };
    const url = new URL(health.url);
    const { host, port } = moved(Number(url.port));
    return {
      url: `http://${urlHost(host)}:${port}${url.pathname}`,
      ...(health.grpc && { grpc: moved(health.grpc.port) }),
    };
  } catch (thrown) {
    throw translateEngineError(thrown, { address: engine.address, doing: `look at the container ${trial.name}` });
  }
}
