import type { Work } from '../jobs/work.ts';
import type { CorePorts } from '../ports.ts';
import type { ServicePlan } from '../serving/parts.ts';
import type { ContainerPlan } from './containers/plan-containers.ts';
import type { SitePaths } from './site-paths.ts';
import type { Step } from './step.ts';

/** What a step finds: it is there as it should be, it is not there, or it is there but different. */
export type StepState = 'exists' | 'will-be-made' | 'will-change';

/** What a check says: the state alone, or with the reason for a change, in words. */
export type Checked = StepState | { state: StepState; why: string };

/** What the steps of one deployment work with. */
export interface StepContext {
  ports: Pick<CorePorts, 'node' | 'workers'>;
  paths: SitePaths;
  site: string;
  /** The service plan that this deployment wants, and the SHA-256 of its text. */
  plan: ServicePlan;
  planSha256: string;
  /** What the site has in the container engine; null for a site without containers. */
  containers: ContainerPlan | null;
  work: Work;
}

/** How one kind of step is looked at, done, and looked at again. `check` changes nothing; `verify` gives what is wrong. */
export interface StepAction<S> {
  check(step: S, context: StepContext): Promise<Checked>;
  apply(step: S, context: StepContext): Promise<void>;
  verify(step: S, context: StepContext): Promise<string | undefined>;
}

/** The steps of one kind. */
export type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;
