import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { imports } from '../../../shared/contract/imports.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { importBundle } from './import-bundle.ts';
import { inventorySite } from './inventory-site.ts';
import { previewImport } from './preview-import.ts';
import { writeInventory } from './write-inventory.ts';

/** Implements the contract's area `imports`. */
export function importsHandlers(ports: CorePorts): AreaHandlers<typeof imports> {
  const paths = ports.paths;
  const whereTo = async (store: string | undefined) => ({
    store: store ?? paths.store,
    sites: store === undefined || (await isSame(store, paths.store)) ? paths.sites : undefined,
    trustFile: paths.trust,
  });
  return {
    inventory: async ({ out, store = paths.store, engine, site }) => {
      const found = await inventorySite(paths.sites, site);
      const { contents, notes } = await writeInventory(
        { store, engine, out, found },
        { version: ports.version, now: ports.now() },
      );
      const rows = contents.map(({ kind, name, manifest, blobs }) => {
        return { kind, name, bytes: blobs.reduce((sum, blob) => sum + blob.sizeBytes, manifest.sizeBytes) };
      });
      return { path: out, contents: rows, notes };
    },
    plan: async ({ dirs, store, overrideReason, engine, allowOlder }, { signal }) =>
      previewImport(
        { dirs, ...(await whereTo(store)), overrideReason, engine, allowOlder, version: ports.version },
        signal,
        ports.now(),
      ),
    run: async ({ dirs, store, overrideReason, engine, allowOlder }, work) => {
      const { workers, now, version } = ports;
      const where = await whereTo(store);
      return importBundle(
        { dirs, ...where, ownStore: store, workers, overrideReason, engine, allowOlder, version, now },
        work,
      );
    },
  };
}

/** One folder may have several paths. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => realpath(path).catch(() => resolve(path))));
  return a === b;
}
