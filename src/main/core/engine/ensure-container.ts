import { type AppError, appError } from '../../../shared/errors/app-error.ts';
import type { Engine } from './connect-engine.ts';
import { type ContainerSpec, createOptions, endpointConfig } from './container-spec.ts';
import { type ContainerState, containerState } from './container-state.ts';
import { translateEngineError } from './translate-error.ts';

/** What was done to reach the wanted state. */
export type Ensured = 'kept' | 'started' | 'made' | 'recreated';

/**
 * Makes sure that an owner's container exists as wanted and runs. A container that is as wanted is kept, and started if stopped. Ours is
 * recreated if it differs. One that is not ours is left alone and refused with `engine.name-taken`.
 */
export async function ensureContainer(
  engine: Engine,
  spec: ContainerSpec,
  owner: string,
): Promise<{ id: string; done: Ensured }> {
  const state = await containerState(engine, spec, owner);
  if (state.kind === 'foreign') throw foreignContainer(state);
  if (state.kind === 'running') return { id: state.id, done: 'kept' };
  const context = { address: engine.address, doing: `start the container ${spec.name}`, dataRoot: engine.dataRoot };
  try {
    if (state.kind === 'stopped') {
      const stopped = engine.docker.getContainer(state.id);
      await ((await stopped.inspect()).State.Paused ? stopped.unpause() : stopped.start());
      return { id: state.id, done: 'started' };
    }
    if (state.kind === 'changed') await engine.docker.getContainer(state.id).remove({ force: true, v: true });
    const made = await engine.docker.createContainer(createOptions(spec, owner));
    for (const network of spec.networks.slice(1)) {
      await engine.docker
        .getNetwork(network.name)
        .connect({ Container: made.id, EndpointConfig: endpointConfig(network) });
    }
    await made.start();
    return { id: made.id, done: state.kind === 'changed' ? 'recreated' : 'made' };
  } catch (thrown) {
    throw translateStart(thrown, spec, context);
  }
}

/** Returns the error for a name that someone else's container has. */
export function foreignContainer({ name, maker }: Extract<ContainerState, { kind: 'foreign' }>): AppError {
  return appError('engine.name-taken', { kind: 'container', name, maker });
}

function translateStart(
  thrown: unknown,
  spec: ContainerSpec,
  context: { address: string; doing: string; dataRoot: string },
): Error {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const port = message.match(/(?:Bind for|listen tcp4?) [\d.[\]:]*?:(\d+)[: ]/)?.[1];
  if (port && /already (allocated|in use)/.test(message)) {
    const taken = spec.ports.find((one) => one.hostPort === Number(port));
    return appError(
      'serving.port-in-use',
      { host: taken?.hostIp ?? '0.0.0.0', port: Number(port), setting: `the port of ${spec.part} in the site file` },
      thrown,
    );
  }
  return translateEngineError(thrown, context);
}
