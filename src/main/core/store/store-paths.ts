import { join } from 'node:path';

/** The paths in a store. */
export interface StorePaths {
  store: string;
  blobs: string;
  ledgers: string;
  models: string;
  files: string;
  imports: string;
  /** A verified blob, its `.part` while it is being written, and the ledger of that; by hex digest. */
  blob(hex: string): string;
  blobPart(hex: string): string;
  ledger(hex: string): string;
  record(bundleId: string): string;
  /** Envelopes of a bundle as they were seen: `<ordinal>/sealift/media.json` and `bundle.json`. */
  seen(bundleId: string): string;
}

/** Returns the paths in a store. */
export function storePaths(store: string): StorePaths {
  const blobs = join(store, 'blobs', 'sha256');
  const ledgers = join(store, 'ledgers');
  const imports = join(store, 'imports');
  return {
    store,
    blobs,
    ledgers,
    models: join(store, 'models'),
    files: join(store, 'files'),
    imports,
    blob: (hex) => join(blobs, hex),
    blobPart: (hex) => join(blobs, `${hex}.part`),
    ledger: (hex) => join(ledgers, `${hex}.jsonl`),
    record: (bundleId) => join(imports, `${bundleId}.json`),
    seen: (bundleId) => join(imports, bundleId),
  };
}

/** Returns the folder of a model in a store. */
export function modelFolder(store: string, name: string): string {
  return join(storePaths(store).models, name);
}
