import type { probe } from '../../../shared/contract/probe.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';

/** Implements the contract's area `probe`. */
export function probeHandlers(_ports: CorePorts): AreaHandlers<typeof probe> {
  return {};
}
