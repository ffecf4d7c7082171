import type { UpgradePlan } from '../../../../shared/contract/upgrade-plan.ts';
import type { NeededImage } from '../needs/needed-images.ts';
import type { SiteBefore } from './site-before.ts';

/** Returns the images that a site needs after an upgrade, and whether it has them. Another patch of the same tag counts as held. */
export function imageChanges(needed: readonly NeededImage[], { images }: SiteBefore): UpgradePlan['images'] {
  return needed.map(({ title, repository, tag, bytes = null, why, source }) => ({
    title,
    reference: `${repository}:${tag}`,
    isHeld: images.some((one) => one.repository === repository && fits(one.tag, tag)),
    bytes,
    why,
    source,
  }));
}

function fits(tag: string, wanted: string): boolean {
  const [start = '', end] = wanted.split('*');
  if (end === undefined) return tag === wanted;
  return tag.startsWith(start) && tag.endsWith(end) && /^\d+$/.test(tag.slice(start.length, tag.length - end.length));
}
