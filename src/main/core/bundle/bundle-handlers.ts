import type { bundle } from '../../../shared/contract/bundle.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { bundleReadHandlers } from './bundle-read-handlers.ts';
import { packHandlers } from './pack-handlers.ts';
import { specHandlers } from './spec-files.ts';

/** Implements the contract's area `bundle`. */
export function bundleHandlers(ports: CorePorts): AreaHandlers<typeof bundle> {
  return { ...bundleReadHandlers(ports), ...packHandlers(ports), ...specHandlers(ports) };
}
