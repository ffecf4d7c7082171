import type { rehearse } from '../../../shared/contract/rehearse.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';

/** Implements the contract's area `rehearse`. */
export function rehearseHandlers(_ports: CorePorts): AreaHandlers<typeof rehearse> {
  return {};
}
