import type { imports } from '../../../shared/contract/imports.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';

/** Implements the contract's area `imports`. */
export function importsHandlers(_ports: CorePorts): AreaHandlers<typeof imports> {
  return {};
}
