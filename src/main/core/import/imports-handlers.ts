import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { imports } from '../../../shared/contract/imports.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { importBundle } from './import-bundle.ts';
import { showPlan } from './show-plan.ts';

/** Implements the contract's area `imports`. */
export function importsHandlers(ports: CorePorts): AreaHandlers<typeof imports> {
  const paths = homePaths(ports.home);
  const whereTo = async (store: string | undefined) => ({
    store: store ?? paths.store,
    sites: store === undefined || (await isSame(store, paths.store)) ? paths.sites : undefined,
    trustFile: paths.trust,
  });
  return {
    plan: async ({ dirs, store, overrideReason, engine }, { signal }) =>
      showPlan({ dirs, ...(await whereTo(store)), overrideReason, engine }, signal),
    run: async ({ dirs, store, overrideReason, engine }, work) => {
      const { workers, now } = ports;
      const where = await whereTo(store);
      return importBundle({ dirs, ...where, ownStore: store, workers, overrideReason, engine, now }, work);
    },
  };
}

/** One folder may have several paths. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => realpath(path).catch(() => resolve(path))));
  return a === b;
}
