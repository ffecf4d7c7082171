import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';

type Verified = Pick<OutputOf<(typeof contract)['bundle']['verify']>, 'id' | 'media' | 'damageCount'>;

/** Whether a verification still tells of these media. That all is as signed goes when others are there than were read; damage stays. */
export function isOfPlan(verified: Verified, plan: Pick<ImportPlan, 'id' | 'media'>): boolean {
  if (verified.id !== plan.id) return false;
  return verified.damageCount > 0 || rootsOf(verified.media) === rootsOf(plan.media);
}

function rootsOf(media: readonly { ordinal: number; path?: string | undefined }[]): string {
  const there = media.filter((one) => one.path !== undefined).map(({ ordinal, path }) => `${ordinal} ${path}`);
  return JSON.stringify(there.sort());
}
