import { pack, packPlan } from './pack.ts';

/** What can be done with bundles. */
export const bundle = { pack, packPlan };
