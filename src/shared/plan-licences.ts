import type { packPlan } from './contract/pack.ts';
import type { OutputOf } from './rpc/contract.ts';

type PlannedContent = OutputOf<typeof packPlan>['media'][number]['contents'][number];

/**
 * Returns the contents of a plan, each once however many media share it. Whoever packs is asked for each of them whether they may
 * redistribute it: the sources and the site's needs bring contents and licences that no description names.
 */
export function licencesToAccept(plan: Pick<OutputOf<typeof packPlan>, 'media'>): PlannedContent[] {
  const contents = plan.media.flatMap((medium) => medium.contents);
  return [...new Map(contents.map((one) => [`${one.kind} ${one.name}`, one])).values()];
}

/** Returns what is known about the licence of a content. */
export function licenceWords({ licence }: Pick<PlannedContent, 'licence'>): string {
  return licence ?? 'no licence stated';
}
