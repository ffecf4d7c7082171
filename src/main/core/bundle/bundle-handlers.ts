import type { bundle } from '../../../shared/contract/bundle.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';

/** Implements the contract's area `bundle`. */
export function bundleHandlers(_ports: CorePorts): AreaHandlers<typeof bundle> {
  return {};
}
