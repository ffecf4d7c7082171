import { appError } from '../../../../shared/errors/app-error.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import {
  ensureNetwork,
  ensureVolume,
  type NetworkSpec,
  networkState,
  volumeState,
} from '../../engine/networks-and-volumes.ts';
import { addressIn } from '../../engine/subnets.ts';
import { listenProblem } from '../../processes/port-owner.ts';
import type { StepAction, StepOf } from './step.ts';

/** An image was found while planning, or the deployment was refused; the step changes nothing. */
export const imageAction: StepAction<StepOf<'image'>> = {
  check: async () => 'exists',
  apply: async () => undefined,
  verify: async () => undefined,
};

/** A network of the site, and its bridge on this machine. */
export const networkAction: StepAction<StepOf<'network'>> = {
  check: async ({ engine, network }) => {
    const state = await networkState(engine, network);
    if (typeof state === 'object')
      throw appError('engine.name-taken', { kind: 'network', name: network.name, ...state });
    return state === 'absent' ? 'will-be-made' : state === 'different' ? 'will-change' : 'exists';
  },
  apply: async ({ engine, network }) => void (await ensureNetwork(engine, network)),
  verify: async ({ engine, network }) => {
    if ((await networkState(engine, network)) !== 'as-wanted') return 'it is missing or differs';
    if (engine.bridges === 'always') await requireBridge(engine, network);
    return undefined;
  },
};

/**
 * Throws `engine.apart` when this machine has no bridge of the network: containers are reached by their addresses, and the front
 * listens on the bridge.
 */
export async function requireBridge(engine: Engine, { name, subnet }: NetworkSpec): Promise<void> {
  if (!subnet) return;
  const address = addressIn(subnet, 1);
  if ((await listenProblem(address, 0))?.code === 'EADDRNOTAVAIL')
    throw appError('engine.apart', { network: name, address, engine: engine.address });
}

/** A volume of the site. It is never emptied. */
export const volumeAction: StepAction<StepOf<'volume'>> = {
  check: async ({ engine, mark, volume }) => {
    const state = await volumeState(engine, mark, volume);
    if (typeof state === 'object') throw appError('engine.name-taken', { kind: 'volume', name: volume, ...state });
    return state === 'absent' ? 'will-be-made' : 'exists';
  },
  apply: async ({ engine, mark, volume }) => void (await ensureVolume(engine, mark, volume)),
  verify: async ({ engine, mark, volume }) =>
    (await volumeState(engine, mark, volume)) === 'as-wanted' ? undefined : 'it is missing',
};
