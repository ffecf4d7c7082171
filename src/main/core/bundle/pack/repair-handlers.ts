import type { repair } from '../../../../shared/contract/bundle-repair.ts';
import type { AreaHandlers } from '../../area-handlers.ts';
import { readReadiness } from '../../hardware/readiness-file.ts';
import type { CorePorts } from '../../ports.ts';
import type { Work } from '../../work.ts';
import { resolveNeeds } from '../needs/resolve-needs.ts';
import { answerRepair, readRequest } from '../read/answer-repair.ts';
import { openMedia } from '../read/open-media.ts';
import { packersTrust } from '../read/packers-trust.ts';
import type { ContentSource } from '../sources/content-source.ts';
import { openSources } from '../sources/open-source.ts';
import { readBundleSpec } from '../sources/read-bundle-spec.ts';
import { repairFromSources } from './repair-from-sources.ts';

/** Implements `repair` of the area `bundle`. */
export function repairHandlers(ports: CorePorts): AreaHandlers<{ repair: typeof repair }> {
  return {
    repair: async ({ request, from, spec, readinessPath, to }, work) => {
      const wanted = await readRequest(request);
      if (spec !== undefined)
        return repairFromSources(wanted, await pinnedSources(spec, readinessPath, ports.resources, work), to, work);
      const { trustFile, ownKeyIds } = await packersTrust(ports);
      return answerRepair(wanted, await openMedia(from ?? [], trustFile, { ownKeyIds }), to, work);
    },
  };
}

/** The sources as the lock file of the description has them, also where a tag has moved since. */
async function pinnedSources(
  spec: string,
  readinessPath: string | undefined,
  resources: string,
  work: Work,
): Promise<ContentSource[]> {
  const machine = readinessPath === undefined ? undefined : (await readReadiness(readinessPath)).machine;
  const { loaded } = await resolveNeeds(await readBundleSpec(spec), { machine, resources, moved: 'keep' }, work);
  work.step('sources', 'Checking the sources');
  return openSources(loaded, work.signal, { moved: 'keep', say: (line) => work.log(line) });
}
