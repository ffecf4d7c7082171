import type { Engine } from '../../engine/connect-engine.ts';
import type { StepContext } from '../step-action.ts';

/** The engine of a deployment that has steps in one. */
export function engineOf({ containers }: Pick<StepContext, 'containers'>): Engine {
  if (!containers) throw new Error('a container step without a container plan');
  return containers.engine;
}
