import { inspect, verify } from './bundle-read.ts';
import { readSpec, writeSpec } from './bundle-spec.ts';
import { pack, packPlan } from './pack.ts';

/** What can be done with bundles. Reading refuses untrusted ones unless there is a reason not to. */
export const bundle = { inspect, pack, packPlan, readSpec, verify, writeSpec };
