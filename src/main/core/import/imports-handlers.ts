import type { imports } from '../../../shared/contract/imports.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { importBundle } from './import-bundle.ts';
import { showPlan } from './show-plan.ts';

/** Implements the contract's area `imports`. */
export function importsHandlers(ports: CorePorts): AreaHandlers<typeof imports> {
  const paths = homePaths(ports.home);
  const whereTo = (store: string | undefined) => ({
    store: store ?? paths.store,
    sites: store === undefined || store === paths.store ? paths.sites : undefined,
    trustFile: paths.trust,
  });
  return {
    plan: ({ dirs, store, overrideReason, engine }, { signal }) =>
      showPlan({ dirs, ...whereTo(store), overrideReason, engine }, signal),
    run: ({ dirs, store, overrideReason, engine }, work) => {
      const { workers, now } = ports;
      return importBundle({ dirs, ...whereTo(store), ownStore: store, workers, overrideReason, engine, now }, work);
    },
  };
}
