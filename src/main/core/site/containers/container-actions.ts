import { appError } from '../../../../shared/errors/app-error.ts';
import { awaitHealthy } from '../../engine/await-healthy.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { containerState } from '../../engine/container-state.ts';
import { ensureContainer, foreignContainer } from '../../engine/ensure-container.ts';
import { networkState, volumeState } from '../../engine/networks-and-volumes.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import type { Checked, StepAction, StepContext, StepOf } from '../step-action.ts';
import { engineOf, markOf } from './engine-of.ts';
import { fillSecrets } from './fill-secrets.ts';
import { isHealthy } from './is-healthy.ts';
import { hasOllamaModel, makeOllamaModel, requireRoom } from './ollama-model.ts';
import type { ContainerPlan } from './plan-containers.ts';
import { reachFront } from './reach-front.ts';

type ContainerStep = StepOf<'container'>;
/** What making and asking one container needs. */
export type OwnContext = Pick<StepContext, 'paths' | 'work'> & Pick<ContainerPlan, 'mark'>;

/** A container that runs and is well, one that goes, what Ollama makes of the weights, or a request from inside a container. */
export const containerAction: StepAction<ContainerStep> = {
  check: async (step, context): Promise<Checked> => {
    if (step.run === 'remove') return 'will-change';
    if (step.run === 'reach-front') return 'exists';
    if (step.run === 'ollama-model') return checkOllamaModel(step, context);
    return checkContainer(step.planned, context);
  },
  apply: async (step, context) => {
    const engine = engineOf(context);
    if (step.run === 'remove') return removeContainer(step.engine, step.containerId, step.what);
    if (step.run === 'ollama-model')
      return makeOllamaModel(engine, step.server, step.ollamaModel, markOf(context), context.work.signal);
    if (step.run === 'ensure') await startContainer(engine, step.planned, { ...context, mark: markOf(context) });
  },
  verify: async (step, context) => {
    const engine = engineOf(context);
    if (step.run === 'ensure') await waitContainer(engine, step.planned, { ...context, mark: markOf(context) });
    if (step.run === 'reach-front') await reachFront(engine, step, { ...context, mark: markOf(context) });
    if (step.run === 'ollama-model' && !(await hasOllamaModel(engine, step.server, step.ollamaModel, markOf(context))))
      return 'Ollama does not list it, or made it from other weights';
    return undefined;
  },
};

async function checkOllamaModel(
  { server, ollamaModel }: Extract<ContainerStep, { run: 'ollama-model' }>,
  context: StepContext,
): Promise<Checked> {
  const engine = engineOf(context);
  if (await hasOllamaModel(engine, server, ollamaModel, markOf(context))) return 'exists';
  // A volume that is there may hold it already: only its server can tell.
  const states = (context.containers?.volumes ?? []).map((volume) => volumeState(engine, markOf(context), volume));
  if ((await Promise.all(states)).includes('absent')) await requireRoom(engine, ollamaModel);
  return 'will-be-made';
}

async function checkContainer(planned: PlannedContainer, context: StepContext): Promise<Checked> {
  const engine = engineOf(context);
  const spec = (await fillSecrets(planned, context.paths)) ?? planned.spec;
  const state = await containerState(engine, spec, markOf(context).owner);
  if (state.kind === 'foreign') throw foreignContainer(state);
  if (state.kind === 'absent') return 'will-be-made';
  const networks = (context.containers?.networks ?? []).filter((one) =>
    spec.networks.some((joined) => joined.name === one.name),
  );
  for (const network of networks) if ((await networkState(engine, network)) !== 'as-wanted') return 'will-change';
  if (state.kind === 'changed')
    return { state: 'will-change', why: `restart part ${spec.part} because ${state.why.join('; ')}` };
  return state.kind === 'running' ? 'exists' : 'will-change';
}

/** Makes a container as wanted and running; says what was not as wanted. Throws what the engine says, `engine.name-taken`, `serving.port-in-use`. */
export async function startContainer(
  engine: Engine,
  planned: PlannedContainer,
  { paths, work, mark }: OwnContext,
): Promise<void> {
  const spec = await fillSecrets(planned, paths);
  if (!spec)
    throw appError('site.step-unverified', {
      step: planned.title,
      what: planned.spec.name,
      problem: 'its secrets are not there',
    });
  const state = await containerState(engine, spec, mark.owner);
  if (state.kind === 'changed') work.warn(`${state.name}: ${state.why.join('; ')}. It is made anew.`);
  const { done } = await ensureContainer(engine, spec, mark.owner);
  work.log(`${spec.name}: ${done}`);
}

/** Waits until a container is well. One that ends or is killed is stopped, so that it does not start over for ever. */
export async function waitContainer(
  engine: Engine,
  planned: PlannedContainer,
  { paths, work, mark }: OwnContext,
): Promise<void> {
  const spec = (await fillSecrets(planned, paths)) ?? planned.spec;
  const state = await containerState(engine, spec, mark.owner);
  if (state.kind !== 'running')
    throw appError('site.step-unverified', { step: planned.title, what: spec.name, problem: stateText(state) });
  const container = { id: state.id, name: spec.part };
  const options = { timeoutMs: planned.startTimeoutMs, signal: work.signal };
  try {
    await awaitHealthy(engine, container, (signal) => isHealthy(planned.health, signal), options);
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (['engine.container-exited', 'engine.out-of-memory'].includes(code))
      await engine.docker
        .getContainer(state.id)
        .stop()
        .catch(() => undefined);
    throw error;
  }
}

function stateText(state: Awaited<ReturnType<typeof containerState>>): string {
  if (state.kind === 'changed') return state.why.join('; ');
  return state.kind === 'stopped' ? 'it does not run' : `it is ${state.kind}`;
}

async function removeContainer(engine: Engine, id: string, name: string): Promise<void> {
  try {
    await engine.docker.getContainer(id).remove({ force: true, v: true });
  } catch (thrown) {
    if ((thrown as { statusCode?: number }).statusCode === 404) return;
    throw translateEngineError(thrown, { address: engine.address, doing: `remove the container ${name}` });
  }
}
