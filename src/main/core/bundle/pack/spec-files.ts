import { isAbsolute, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { type BundleSpec, checkBundleSpec } from '../../../../shared/bundle-spec.ts';
import type { readSpec, writeSpec } from '../../../../shared/contract/bundle-spec.ts';
import type { AreaHandlers } from '../../area-handlers.ts';
import { writeWhole } from '../../files/write-whole.ts';
import type { CorePorts } from '../../ports.ts';
import { readBundleSpec } from '../sources/read-bundle-spec.ts';
import { withPaths } from '../sources/with-paths.ts';

/** Implements `readSpec` and `writeSpec` of the area `bundle`. */
export function specHandlers(
  ports: CorePorts,
): AreaHandlers<{ readSpec: typeof readSpec; writeSpec: typeof writeSpec }> {
  const { bundles } = ports.paths;
  return {
    readSpec: async ({ path }) => {
      const { spec, folder } = await readBundleSpec(path);
      return { spec: withPaths(spec, (one) => resolve(folder, one)) };
    },
    writeSpec: async ({ spec }) => {
      const checked = checkBundleSpec(spec);
      if ('problems' in checked)
        return { problems: checked.problems.map(({ path, problem }) => ({ field: path.join('.'), problem })) };
      const problems = relativePaths(checked.spec);
      if (problems.length > 0) return { problems };
      const path = join(bundles, `${checked.spec.name}.bundle.yaml`);
      await writeWhole(path, stringify(checked.spec), { mode: 0o644, folderMode: 0o700 });
      return { path, problems };
    },
  };
}

/** The file is in the data folder: a path relative to that is surely not intended. */
function relativePaths({ installers, network, contents }: BundleSpec): { field: string; problem: string }[] {
  const problem = 'write the whole path, from the root on';
  const ofInstallers = installers === undefined || isAbsolute(installers) ? [] : [{ field: 'installers', problem }];
  const ofNetwork = network?.ca === undefined || isAbsolute(network.ca) ? [] : [{ field: 'network.ca', problem }];
  const ofContents = contents.flatMap((one, index) => {
    if (one.kind === 'files') {
      const fields = one.paths.map((path, at) =>
        isAbsolute(path) ? [] : [{ field: `contents.${index}.paths.${at}`, problem }],
      );
      const keyrings = (one.debian?.sources ?? []).flatMap(({ keyring }, at) =>
        keyring === undefined || isAbsolute(keyring)
          ? []
          : [{ field: `contents.${index}.debian.sources.${at}.keyring`, problem }],
      );
      return [...fields.flat(), ...keyrings];
    }
    if (one.kind === 'image' && one.verify) {
      const { cosignKey, trustRoot } = one.verify;
      const files = { path: one.path, 'verify.cosignKey': cosignKey, 'verify.trustRoot': trustRoot };
      return Object.entries(files).flatMap(([field, path]) =>
        path === undefined || isAbsolute(path) ? [] : [{ field: `contents.${index}.${field}`, problem }],
      );
    }
    if (one.kind === 'model' && one.store !== undefined && !isAbsolute(one.store))
      return [{ field: `contents.${index}.store`, problem }];
    return one.path === undefined || isAbsolute(one.path) ? [] : [{ field: `contents.${index}.path`, problem }];
  });
  return [...ofInstallers, ...ofNetwork, ...ofContents];
}
