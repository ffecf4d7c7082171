import { setTimeout as sleep } from 'node:timers/promises';
import type { Carrier, media } from '../../../shared/contract/media.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { listMounts } from '../hardware/disks.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { readAnswers } from '../wizard/answers.ts';
import { MediaLook } from './media-look.ts';

const lookEveryMs = 2000;
const answerWithinMs = 1000;

/** Implements the contract's area `media`. */
export function mediaHandlers(ports: CorePorts): AreaHandlers<typeof media> {
  const { wizard } = homePaths(ports.home);
  // One for all watchers: what hangs for one must not be asked again by the next.
  const look = new MediaLook(answerWithinMs);
  const carriers = async () => look.look(await listMounts(answerWithinMs), (await readAnswers(wizard)).mediaDirs);
  return { watch: (_input, { signal }) => watchCarriers(carriers, signal) };
}

async function* watchCarriers(
  look: () => Promise<Carrier[]>,
  signal: AbortSignal,
): AsyncGenerator<{ carriers: Carrier[] }> {
  let last = '';
  while (!signal.aborted) {
    const carriers = await look();
    const text = JSON.stringify(carriers);
    if (text !== last) yield { carriers };
    last = text;
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
