import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';

type Verified = OutputOf<(typeof contract)['bundle']['verify']>;
type Known = Pick<ImportPlan, 'id' | 'media'>;

/**
 * Returns what still holds of a verification. Success holds only for exactly the media that were read. Damage belongs to its medium: it is
 * gone once that medium was removed (`unplugged`: labels), even if another or the same one is connected later. Undefined if nothing holds.
 */
export function verifiedNow(verified: Verified, plan: Known, unplugged: readonly string[]): Verified | undefined {
  if (verified.id !== plan.id) return undefined;
  if (verified.damageCount === 0) {
    const isSame = rootsOf(verified.media) === rootsOf(plan.media) && unplugged.length === 0;
    return isSame ? verified : undefined;
  }
  const media = verified.media.filter((one) => isConnected(plan, one.label) && !unplugged.includes(one.label));
  const labels = media.map((one) => one.label);
  const damage = verified.damage.filter((one) => labels.includes(one.medium) || isMissing(plan, one));
  // Damage that the answer had no room for has no medium, and counts until all media that were read are gone.
  const unlisted = media.length > 0 ? verified.damageCount - verified.damage.length : 0;
  const damageCount = damage.length + unlisted;
  // One remedy for each medium, in the order of the damage.
  const before = [...new Set(verified.damage.map((one) => one.medium))];
  const bad = new Set(damage.map((one) => one.medium));
  const remedies = verified.remedies.filter((_, at) => before[at] === undefined || bad.has(before[at]));
  return damageCount === 0 ? undefined : { ...verified, damage, damageCount, remedies };
}

/** Whether the medium with this label is connected now. */
export function isConnected(plan: Known, label: string): boolean {
  return plan.media.some((one) => one.label === label && one.path !== undefined);
}

function isMissing(plan: Known, { kind, medium }: Verified['damage'][number]): boolean {
  return kind === 'missing-medium' && !isConnected(plan, medium);
}

function rootsOf(media: readonly { ordinal: number; path?: string | undefined }[]): string {
  const there = media.filter((one) => one.path !== undefined).map(({ ordinal, path }) => `${ordinal} ${path}`);
  return JSON.stringify(there.sort());
}
