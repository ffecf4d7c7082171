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
import type { StepAction, StepOf } from '../step-action.ts';
import { engineOf, markOf } from './engine-of.ts';

/** An image is found while planning, or the deployment is refused; nothing is done to it. */
export const imageAction: StepAction<StepOf<'image'>> = {
  check: async () => 'exists',
  apply: async () => undefined,
  verify: async () => undefined,
};

/** A network of the site, and its bridge on this machine. */
export const networkAction: StepAction<StepOf<'network'>> = {
  check: async ({ network }, context) => {
    const state = await networkState(engineOf(context), network);
    if (typeof state === 'object')
      throw appError('engine.name-taken', { kind: 'network', name: network.name, ...state });
    return state === 'absent' ? 'will-be-made' : state === 'different' ? 'will-change' : 'exists';
  },
  apply: async ({ network }, context) => void (await ensureNetwork(engineOf(context), network)),
  verify: async ({ network }, context) => {
    const engine = engineOf(context);
    if ((await networkState(engine, network)) !== 'as-wanted') return 'it is not there as it should be';
    await requireBridge(engine, network);
    return undefined;
  },
};

// Containers are asked by their addresses, and the front listens on the bridge: both need it on this machine.
async function requireBridge(engine: Engine, { name, subnet }: NetworkSpec): Promise<void> {
  if (!subnet) return;
  const address = addressIn(subnet, 1);
  if ((await listenProblem(address, 0))?.code === 'EADDRNOTAVAIL')
    throw appError('engine.apart', { network: name, address, engine: engine.address });
}

/** A volume of the site; it is never emptied. */
export const volumeAction: StepAction<StepOf<'volume'>> = {
  check: async ({ volume }, context) => {
    const state = await volumeState(engineOf(context), markOf(context), volume);
    if (typeof state === 'object') throw appError('engine.name-taken', { kind: 'volume', name: volume, ...state });
    return state === 'absent' ? 'will-be-made' : 'exists';
  },
  apply: async ({ volume }, context) => void (await ensureVolume(engineOf(context), markOf(context), volume)),
  verify: async ({ volume }, context) =>
    (await volumeState(engineOf(context), markOf(context), volume)) === 'as-wanted' ? undefined : 'it is not there',
};
