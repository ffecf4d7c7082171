/** How the engine keeps images: by graph drivers (the local ID is the config's digest) or in containerd's store (the manifest's). */
export type StoreKind = 'graph-driver' | 'containerd';

/** Identifies an image by name and digests. All digests are `sha256:` and 64 hex digits. */
export interface ImageIdentity {
  /** Canonical name, `registry/name:tag`. */
  reference: string;
  manifestDigest: string;
  configDigest: string;
}

/**
 * Returns the local ID that the engine must report for an image: config digest with graph drivers, manifest digest with the containerd store.
 * Source: Docker documentation on the containerd image store; confirmed on dockerd 20.10 (graph driver).
 */
export function expectedLocalId(image: ImageIdentity, store: StoreKind): string {
  return store === 'containerd' ? image.manifestDigest : image.configDigest;
}

/** Returns the store kind from `docker info`: the containerd store names its snapshotter in `DriverStatus`. */
export function storeKindOf(info: { DriverStatus?: unknown }): StoreKind {
  const rows = Array.isArray(info.DriverStatus) ? info.DriverStatus : [];
  const isContainerd = rows.some(
    (row) => Array.isArray(row) && row[0] === 'driver-type' && String(row[1]).startsWith('io.containerd.snapshotter'),
  );
  return isContainerd ? 'containerd' : 'graph-driver';
}
