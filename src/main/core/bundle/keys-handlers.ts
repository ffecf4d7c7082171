import type { keys } from '../../../shared/contract/keys.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';

/** Implements the contract's area `keys`. */
export function keysHandlers(_ports: CorePorts): AreaHandlers<typeof keys> {
  return {};
}
