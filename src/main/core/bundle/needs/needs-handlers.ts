import { resolve } from 'node:path';
import type { needs } from '../../../../shared/contract/needs.ts';
import type { AreaHandlers } from '../../area-handlers.ts';
import { refuseExisting } from '../../files/refuse-existing.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { loadHardwareCatalog } from '../../hardware/load-hardware-catalog.ts';
import { notCarried } from '../../hardware/missing-packages.ts';
import { readReadiness } from '../../hardware/readiness-file.ts';
import type { CorePorts } from '../../ports.ts';
import { readBundleSpec } from '../sources/read-bundle-spec.ts';
import { withPaths } from '../sources/with-paths.ts';
import { needsText } from './needs-text.ts';
import { packageSets, resolveNeeds } from './resolve-needs.ts';

/** Implements `needs` of the area `bundle`. */
export function needsHandlers({ resources }: CorePorts): AreaHandlers<{ needs: typeof needs }> {
  return {
    needs: async ({ spec: path, readinessPath, moved, out }, work) => {
      if (out !== undefined) await refuseExisting('--out', out);
      const machine = readinessPath === undefined ? undefined : (await readReadiness(readinessPath)).machine;
      const read = await readBundleSpec(path);
      const { loaded, needs: found } = await resolveNeeds(read, { machine, resources, moved }, work);
      const spec = withPaths(loaded.spec, (one) => resolve(loaded.folder, one));
      const worked = found ?? { contents: [], byHand: [], notes: [] };
      const { rpmPackages } = await loadHardwareCatalog(resources);
      const lacks = machine ? notCarried(machine, packageSets(spec), rpmPackages) : [];
      const text = needsText(spec, worked, lacks);
      if (out !== undefined) await writeWhole(out, text, { mode: 0o644 });
      return { ...worked, spec, text, lacks };
    },
  };
}
