import { isAbsolute, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { type BundleSpec, bundleSpec } from '../../../shared/bundle-spec.ts';
import type { readSpec, writeSpec } from '../../../shared/contract/bundle-spec.ts';
import { issueText } from '../../../shared/issue-text.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { readBundleSpec } from './pack-spec.ts';

/** Implements `readSpec` and `writeSpec` of the area `bundle`. */
export function specHandlers(
  ports: CorePorts,
): AreaHandlers<{ readSpec: typeof readSpec; writeSpec: typeof writeSpec }> {
  const { bundles } = homePaths(ports.home);
  return {
    readSpec: async ({ path }) => {
      const { spec, folder } = await readBundleSpec(path);
      return { spec: withPaths(spec, (one) => resolve(folder, one)) };
    },
    writeSpec: async ({ spec }) => {
      const checked = bundleSpec.safeParse(spec);
      if (!checked.success) {
        const { issues } = checked.error;
        return { problems: issues.map((one) => ({ field: one.path.join('.'), problem: issueText(one) })) };
      }
      const problems = relativePaths(checked.data);
      if (problems.length > 0) return { problems };
      const path = join(bundles, `${checked.data.name}.bundle.yaml`);
      await writeWhole(path, stringify(checked.data), { mode: 0o644, folderMode: 0o700 });
      return { path, problems };
    },
  };
}

function withPaths(spec: BundleSpec, change: (path: string) => string): BundleSpec {
  const contents = spec.contents.map((one): BundleSpec['contents'][number] => {
    if (one.kind === 'files') return { ...one, paths: one.paths.map(change) };
    return one.path === undefined ? one : { ...one, path: change(one.path) };
  });
  return { ...spec, contents };
}

/** The file lies in the data folder: a path that starts from there is surely not meant. */
function relativePaths({ contents }: BundleSpec): { field: string; problem: string }[] {
  const problem = 'write the whole path, from the root on';
  return contents.flatMap((one, index) => {
    if (one.kind === 'files') {
      const fields = one.paths.map((path, at) =>
        isAbsolute(path) ? [] : [{ field: `contents.${index}.paths.${at}`, problem }],
      );
      return fields.flat();
    }
    return one.path === undefined || isAbsolute(one.path) ? [] : [{ field: `contents.${index}.path`, problem }];
  });
}
