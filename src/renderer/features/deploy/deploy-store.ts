import { create } from 'zustand';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { core } from '../../state/core.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';

/** A plan as the core made it. */
export type Plan = OutputOf<(typeof contract)['site']['plan']>;

/** The plan of the site that is looked at. */
export const usePlan = create<{ plan?: Plan; error?: ShownError; isLooking: boolean }>(() => ({ isLooking: false }));

/** Makes the plan of a site file; what was known stays visible meanwhile. */
export async function lookAtPlan(siteFile: string): Promise<void> {
  usePlan.setState({ isLooking: true });
  try {
    usePlan.setState({ plan: await core().site.plan({ siteFile }), isLooking: false }, true);
  } catch (error) {
    usePlan.setState({ error: toShownError(error), isLooking: false }, true);
  }
}
