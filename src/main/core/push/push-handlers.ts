import type { push } from '../../../shared/contract/push.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { quietWork } from '../work.ts';
import { planPush, pushBundle } from './push-bundle.ts';

/** Implements the contract's area `push`. */
export function pushHandlers({ paths, workers, now }: CorePorts): AreaHandlers<typeof push> {
  const tools = (store = paths.store) => ({ store, trustFile: paths.trust, pushes: paths.pushes, workers, now });
  return {
    plan: (input, { signal }) => planPush(input, tools(input.store), quietWork(signal)),
    run: (input, work) => pushBundle(input, tools(input.store), work),
  };
}
