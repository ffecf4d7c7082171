import type { site } from '../../../shared/contract/site.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';

/** Implements the contract's area `site`. */
export function siteHandlers(_ports: CorePorts): AreaHandlers<typeof site> {
  return {};
}
