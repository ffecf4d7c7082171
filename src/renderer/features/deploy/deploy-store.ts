import { create } from 'zustand';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { core } from '../../state/core.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { turns } from '../../state/turns.ts';

/** A plan as the core made it. */
export type Plan = OutputOf<(typeof contract)['site']['plan']>;

/** The plan of the site that is looked at. */
export const usePlan = create<{ plan?: Plan; error?: ShownError; isLooking: boolean }>(() => ({ isLooking: false }));

const begin = turns();

/** Makes the plan of a site file; what was known stays visible meanwhile, and of several questions the last one counts. */
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
