import { join, resolve } from 'node:path';
import type { rehearse } from '../../../shared/contract/rehearse.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import type { CoreMaker } from './inner-core.ts';
import { runRehearsal } from './run-rehearsal.ts';

/** Implements the contract's area `rehearse`. */
export function rehearseHandlers(ports: CorePorts, makeCore: CoreMaker): AreaHandlers<typeof rehearse> {
  return {
    run: ({ dir, keep, replace, docker }, work) => {
      const root = resolve(dir ?? join(ports.paths.home, 'rehearsal'));
      return runRehearsal({ root, keep, replace, docker }, ports, makeCore, work);
    },
  };
}
