import type { AcceptedLicences, packPlan } from './contract/pack.ts';
import type { OutputOf } from './rpc/contract.ts';

type Plan = Pick<OutputOf<typeof packPlan>, 'media' | 'needs'>;
type PlannedContent = Plan['media'][number]['contents'][number];

/**
 * Returns the contents of a plan, each once however many media share it. Whoever packs is asked for each of them whether they may
 * redistribute it: the sources and the site's needs bring contents and licences that no description names.
 */
export function licencesToAccept(plan: Pick<Plan, 'media'>): PlannedContent[] {
  const contents = plan.media.flatMap((medium) => medium.contents);
  return [...new Map(contents.map((one) => [`${one.kind} ${one.name}`, one])).values()];
}

/** Returns the contents of a plan that were not accepted. */
export function unaccepted(plan: Plan, { names, described }: AcceptedLicences): PlannedContent[] {
  const isWorkedOut = ({ kind, name }: PlannedContent) =>
    plan.needs?.contents.some((one) => one.kind === kind && one.name === name) ?? false;
  return licencesToAccept(plan).filter((one) => !names.includes(one.name) && !(described && !isWorkedOut(one)));
}

/** Returns the details of `pack.licence-unaccepted`: what was not accepted, and the names that accept all of the plan. */
export function unacceptedDetails(plan: Plan, left: PlannedContent[], { spec, to }: { spec: string; to: string[] }) {
  const names = [...new Set(licencesToAccept(plan).map(({ name }) => name))];
  return { contents: left.map(licenceLine), names, spec, to };
}

/** Returns a content with what is known about its licence, as one line. */
export function licenceLine(content: PlannedContent): string {
  return `${content.kind} ${content.name}: ${licenceWords(content)}`;
}

/** Returns what is known about the licence of a content. */
export function licenceWords({ licence }: Pick<PlannedContent, 'licence'>): string {
  return licence ?? 'no licence stated';
}
