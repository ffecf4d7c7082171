import type { Engine } from '../../engine/connect-engine.ts';
import { containerState } from '../../engine/container-state.ts';
import { foreignContainer } from '../../engine/ensure-container.ts';
import { networkState, volumeState } from '../../engine/networks-and-volumes.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { fillSecrets } from '../containers/fill-secrets.ts';
import { hasOllamaModel, makeOllamaModel, requireRoom } from '../containers/ollama-model.ts';
import { reachFront } from '../containers/reach-front.ts';
import { startContainer, waitContainer } from '../containers/start-container.ts';
import { requireBridge } from './network-actions.ts';
import type { Checked, StepAction, StepContext, StepOf } from './step.ts';

type ContainerStep = StepOf<'container'>;
type RunOf<R extends ContainerStep['run']> = Extract<ContainerStep, { run: R }>;

/** Handles steps with containers: a healthy one, one to remove, Ollama's model, or a request from inside a container. */
export const containerAction: StepAction<ContainerStep> = {
  check: async (step, context): Promise<Checked> => {
    if (step.run === 'remove') return 'will-change';
    if (step.run === 'reach-front') return checkReach(step, context);
    return step.run === 'ollama-model' ? checkOllamaModel(step) : checkContainer(step, context);
  },
  apply: async (step, { paths, work }) => {
    if (step.run === 'remove') await removeContainer(step.engine, step.containerId, step.what);
    if (step.run === 'ensure') {
      await makeWay(step);
      await startContainer(step.engine, step.planned, { paths, work, mark: step.mark });
    }
    if (step.run === 'ollama-model')
      await makeOllamaModel(step.engine, step.server, step.ollamaModel, step.mark, work.signal);
  },
  verify: async (step, { paths, work }) => {
    if (step.run === 'ensure') {
      if (step.engine.bridges === 'while-running')
        for (const one of step.networks) await requireBridge(step.engine, one);
      await waitContainer(step.engine, step.planned, { paths, work, mark: step.mark });
    }
    if (step.run === 'reach-front') await reachFront(step.engine, step, { work, mark: step.mark });
    if (step.run === 'ollama-model' && !(await hasOllamaModel(step.engine, step.server, step.ollamaModel, step.mark)))
      return 'Ollama does not list it or made it from other weights';
    return undefined;
  },
};

async function checkOllamaModel(step: RunOf<'ollama-model'>): Promise<Checked> {
  const { engine, mark, server, volumes, ollamaModel } = step;
  if (await hasOllamaModel(engine, server, ollamaModel, mark)) return 'exists';
  // A volume that exists may hold it already: only its server can tell.
  const states = volumes.map((volume) => volumeState(engine, mark, volume));
  if ((await Promise.all(states)).includes('absent')) await requireRoom(engine, ollamaModel);
  return 'will-be-made';
}

async function checkContainer(step: RunOf<'ensure'>, { paths }: StepContext): Promise<Checked> {
  const { engine, mark, planned, networks } = step;
  const spec = (await fillSecrets(planned, paths)) ?? planned.spec;
  const state = await containerState(engine, spec, mark.owner);
  if (state.kind === 'foreign') throw foreignContainer(state);
  if (state.kind === 'absent') return 'will-be-made';
  for (const network of networks) if ((await networkState(engine, network)) !== 'as-wanted') return 'will-change';
  if (state.kind === 'changed')
    return { state: 'will-change', why: `restart part ${spec.part} because ${state.why.join('; ')}` };
  return state.kind === 'running' ? 'exists' : 'will-change';
}

/** Removes those of the later model servers that change anyway: this one may get what they still hold. */
async function makeWay({ engine, mark, later }: RunOf<'ensure'>): Promise<void> {
  for (const { spec } of later) {
    const state = await containerState(engine, spec, mark.owner);
    if (state.kind === 'changed') await removeContainer(engine, state.id, state.name);
  }
}

/** What runs was seen to reach the front when it was deployed; a container that does not run reaches nothing. */
async function checkReach({ engine, mark, planned }: RunOf<'reach-front'>, { paths }: StepContext): Promise<Checked> {
  const spec = (await fillSecrets(planned, paths)) ?? planned.spec;
  const { kind } = await containerState(engine, spec, mark.owner);
  return kind === 'running' ? 'exists' : 'will-be-made';
}

async function removeContainer(engine: Engine, id: string, name: string): Promise<void> {
  try {
    await engine.docker.getContainer(id).remove({ force: true, v: true });
  } catch (thrown) {
    if ((thrown as { statusCode?: number }).statusCode === 404) return;
    throw translateEngineError(thrown, { address: engine.address, doing: `remove the container ${name}` });
  }
}
