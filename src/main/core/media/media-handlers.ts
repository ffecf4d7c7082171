import { dirname } from 'node:path';
import type { Carrier, media } from '../../../shared/contract/media.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { listMounts } from '../hardware/disks.ts';
import { thisSystem } from '../hardware/system-view.ts';
import { watchChanges } from '../jobs/watch-changes.ts';
import type { CorePorts } from '../ports.ts';
import { readAnswers } from '../wizard/saved-answers.ts';
import { CarrierFinder } from './find-carriers.ts';
import { removableMounts } from './removable-mounts.ts';

const lookEveryMs = 2000;
const answerWithinMs = 1000;

/** Implements the contract's area `media`. */
export function mediaHandlers(ports: CorePorts): AreaHandlers<typeof media> {
  const { wizard } = ports.paths;
  // Shared by all watchers: a mount that hangs for one must not be asked again by the next.
  const finder = new CarrierFinder(answerWithinMs);
  const carriers = async () => finder.find(await listMounts(answerWithinMs), (await readAnswers(wizard)).mediaDirs);
  return {
    watch: (_input, { signal }) => watchCarriers(carriers, signal),
    places: async () => {
      const media = await removableMounts(thisSystem(answerWithinMs), await listMounts(answerWithinMs));
      const { mediaDirs, siteFile } = await readAnswers(wizard);
      const recent = [...mediaDirs].reverse().concat(siteFile === undefined ? [] : dirname(siteFile));
      return { media, recent: [...new Set(recent)].filter((one) => !media.includes(one)) };
    },
  };
}

async function* watchCarriers(
  look: () => Promise<Carrier[]>,
  signal: AbortSignal,
): AsyncGenerator<{ carriers: Carrier[] }> {
  for await (const carriers of watchChanges(look, lookEveryMs, signal)) yield { carriers };
}
