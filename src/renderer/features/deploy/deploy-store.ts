import { create } from 'zustand';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { core } from '../../state/core.ts';
import { latestOnly } from '../../state/latest-only.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';

/** A deployment plan from the core. */
export type Plan = OutputOf<(typeof contract)['site']['plan']>;

/** The plan that is shown. */
export const usePlan = create<{ plan?: Plan; error?: ShownError; isLooking: boolean }>(() => ({ isLooking: false }));

const begin = latestOnly();

/** Requests the plan of a site file. The previous plan stays visible meanwhile, and only the result of the latest call is used. */
export async function lookAtPlan(siteFile: string): Promise<void> {
  const isLast = begin();
  usePlan.setState({ isLooking: true });
  try {
    const plan = await core().site.plan({ siteFile });
    if (isLast()) usePlan.setState({ plan, isLooking: false }, true);
  } catch (error) {
    if (isLast()) usePlan.setState({ error: toShownError(error), isLooking: false }, true);
  }
}
