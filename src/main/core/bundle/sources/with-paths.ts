import type { BundleSpec } from '../../../../shared/bundle-spec.ts';

/** Returns the description with each of its paths changed. */
export function withPaths(spec: BundleSpec, change: (path: string) => string): BundleSpec {
  const contents = spec.contents.map((one): BundleSpec['contents'][number] => {
    if (one.kind === 'files') {
      const sources = one.debian?.sources.map(({ keyring, ...source }) => ({
        ...source,
        ...(keyring !== undefined && { keyring: change(keyring) }),
      }));
      return {
        ...one,
        paths: one.paths.map(change),
        ...(one.debian && sources && { debian: { ...one.debian, sources } }),
      };
    }
    if (one.kind === 'image' && one.verify) {
      const { cosignKey, trustRoot } = one.verify;
      const files = {
        ...(cosignKey !== undefined && { cosignKey: change(cosignKey) }),
        ...(trustRoot !== undefined && { trustRoot: change(trustRoot) }),
      };
      return { ...one, ...(one.path !== undefined && { path: change(one.path) }), verify: { ...one.verify, ...files } };
    }
    if (one.kind === 'model' && one.store !== undefined) return { ...one, store: change(one.store) };
    return one.path === undefined ? one : { ...one, path: change(one.path) };
  });
  const { installers, network } = spec;
  const changed = {
    ...(installers !== undefined && { installers: change(installers) }),
    ...(network?.ca !== undefined && { network: { ...network, ca: change(network.ca) } }),
  };
  return { ...spec, ...changed, contents };
}
