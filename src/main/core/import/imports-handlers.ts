import type { imports } from '../../../shared/contract/imports.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { importBundle } from './import-bundle.ts';

/** Implements the contract's area `imports`. */
export function importsHandlers(ports: CorePorts): AreaHandlers<typeof imports> {
  const paths = homePaths(ports.home);
  return {
    run: ({ dirs, store, overrideReason, engine }, work) =>
      importBundle(
        {
          dirs,
          store: store ?? paths.store,
          trustFile: paths.trust,
          workers: ports.workers,
          overrideReason,
          engine,
          now: ports.now,
        },
        work,
      ),
  };
}
