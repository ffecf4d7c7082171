import type { Engine } from '../../engine/connect-engine.ts';
import type { SiteMark } from '../../engine/labels.ts';
import type { StepContext } from '../step-action.ts';
import type { ContainerPlan } from './plan-containers.ts';

/** The engine of a deployment that has steps in one. */
export function engineOf(context: Pick<StepContext, 'containers'>): Engine {
  return planOf(context).engine;
}

/** The mark of what a deployment makes in its engine. */
export function markOf(context: Pick<StepContext, 'containers'>): SiteMark {
  return planOf(context).mark;
}

function planOf({ containers }: Pick<StepContext, 'containers'>): ContainerPlan {
  if (!containers) throw new Error('a container step without a container plan');
  return containers;
}
