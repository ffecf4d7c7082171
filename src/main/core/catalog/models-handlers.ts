import type { models } from '../../../shared/contract/models.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';

/** Implements the contract's area `models`. */
export function modelsHandlers(_ports: CorePorts): AreaHandlers<typeof models> {
  return {};
}
