import type { gitlab } from '../../../shared/contract/gitlab.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';

/** Implements the contract's area `gitlab`. */
export function gitlabHandlers(_ports: CorePorts): AreaHandlers<typeof gitlab> {
  return {};
}
