import type { report } from '../../../shared/contract/report.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';

/** Implements the contract's area `report`. */
export function reportHandlers(_ports: CorePorts): AreaHandlers<typeof report> {
  return {};
}
