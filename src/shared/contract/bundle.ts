import { bundleDiff } from './bundle-diff.ts';
import { countersign, inspect, verify } from './bundle-read.ts';
import { repair, requestRepair } from './bundle-repair.ts';
import { readSpec, writeSpec } from './bundle-spec.ts';
import { needs } from './needs.ts';
import { pack, packPlan } from './pack.ts';
import { planUpgrade } from './upgrade-plan.ts';

/** Operations on bundles. Reading rejects untrusted ones unless a reason is given. */
export const bundle = {
  countersign,
  diff: bundleDiff,
  inspect,
  needs,
  pack,
  packPlan,
  planUpgrade,
  readSpec,
  repair,
  requestRepair,
  verify,
  writeSpec,
};
