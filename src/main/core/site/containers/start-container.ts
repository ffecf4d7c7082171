import { stat } from 'node:fs/promises';
import { appError } from '../../../../shared/errors/app-error.ts';
import { awaitHealthy, restartMs } from '../../engine/await-healthy.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import type { ContainerSpec } from '../../engine/container-spec.ts';
import { type ContainerState, containerState } from '../../engine/container-state.ts';
import { ensureContainer } from '../../engine/ensure-container.ts';
import type { SiteMark } from '../../engine/labels.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { pauses } from '../../processes/pauses.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import type { Work } from '../../work.ts';
import { fillSecrets } from './fill-secrets.ts';
import { isHealthy } from './is-healthy.ts';

/** What starting one container needs: the site's paths, the mark of its owner, and how to report. */
export interface StartContext {
  paths: SitePaths;
  work: Work;
  mark: SiteMark;
}

/** Creates or recreates a container and starts it; warns what differed. Throws `engine.*` and `serving.port-in-use`. */
export async function startContainer(
  engine: Engine,
  planned: PlannedContainer,
  { paths, work, mark }: StartContext,
): Promise<void> {
  const spec = await fillSecrets(planned, paths);
  if (!spec)
    throw appError('site.step-unverified', {
      step: planned.title,
      what: planned.spec.name,
      problem: 'its secrets are missing',
    });
  const state = await containerState(engine, spec, mark.owner);
  if (state.kind === 'changed') work.warn(`${state.name}: ${state.why.join('; ')}. It will be recreated.`);
  const { logFile } = planned;
  const logBytes = logFile && (await sizeOf(logFile.path));
  const { done } = await ensureContainer(engine, spec, mark.owner);
  if (logFile && done !== 'kept') Object.assign(logFile, { sizeAtStart: logBytes });
  work.log(`${spec.name}: ${done}`);
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Waits until a container is healthy. One that ends or is killed is stopped, so that it does not restart forever. */
export async function waitContainer(
  engine: Engine,
  planned: PlannedContainer,
  { paths, work, mark }: StartContext,
): Promise<void> {
  const spec = (await fillSecrets(planned, paths)) ?? planned.spec;
  const state = await settledState(engine, spec, mark.owner, work.signal);
  if (state.kind !== 'running')
    throw appError('site.step-unverified', { step: planned.title, what: spec.name, problem: stateText(state) });
  const container = { id: state.id, name: spec.part };
  const options = { timeoutMs: planned.startTimeoutMs, signal: work.signal, logFile: planned.logFile };
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

/** The state once an engine that restarts has started its containers again. */
async function settledState(
  engine: Engine,
  spec: ContainerSpec,
  owner: string,
  signal: AbortSignal,
): Promise<ContainerState> {
  const deadline = performance.now() + restartMs;
  const pause = pauses(500, signal);
  for (;;) {
    const state = await containerState(engine, spec, owner);
    signal.throwIfAborted();
    if (state.kind !== 'stopped' || performance.now() > deadline) return state;
    await pause();
  }
}

function stateText(state: ContainerState): string {
  if (state.kind === 'changed') return state.why.join('; ');
  return state.kind === 'stopped' ? 'it is not running' : `it is ${state.kind}`;
}
