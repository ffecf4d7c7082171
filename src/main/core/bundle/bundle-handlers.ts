import type { bundle } from '../../../shared/contract/bundle.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { needsHandlers } from './needs/needs-handlers.ts';
import { packHandlers } from './pack/pack-handlers.ts';
import { repairHandlers } from './pack/repair-handlers.ts';
import { specHandlers } from './pack/spec-files.ts';
import { bundleReadHandlers } from './read/read-handlers.ts';
import { upgradeHandlers } from './upgrade/upgrade-handlers.ts';

/** Implements the contract's area `bundle`. */
export function bundleHandlers(ports: CorePorts): AreaHandlers<typeof bundle> {
  return {
    ...bundleReadHandlers(ports),
    ...packHandlers(ports),
    ...repairHandlers(ports),
    ...needsHandlers(ports),
    ...specHandlers(ports),
    ...upgradeHandlers(ports),
  };
}
