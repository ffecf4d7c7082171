import type { hardware } from '../../../shared/contract/hardware.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';

/** Implements the contract's area `hardware`. */
export function hardwareHandlers(_ports: CorePorts): AreaHandlers<typeof hardware> {
  return {};
}
