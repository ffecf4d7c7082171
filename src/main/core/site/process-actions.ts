import { startService, stopService, waitForPart } from './control-service.ts';
import { frontProblem } from './front-health.ts';
import { liveState, serviceFacts } from './service-facts.ts';
import type { Step } from './step.ts';
import type { StepAction, StepContext, StepState } from './step-action.ts';

type ProcessStep = Extract<Step, { kind: 'process' }>;

/** The service, each of its parts, and the front's answer: only the service is started here, it starts the parts. */
export const processAction: StepAction<ProcessStep> = {
  check: (step, context) => check(step, context),
  apply: async (step, context) => {
    const { ports, paths, site, work } = context;
    if (step.run === 'service') {
      await stopService(paths, site, work.signal);
      await startService(ports, paths, site, work.signal);
    } else if (step.run === 'part') await waitForPart(paths, site, step.part, work);
  },
  verify: async (step, context) => {
    const { paths, site, work } = context;
    if (step.run === 'front-health') return frontProblem(step.url, work.signal);
    if (step.run === 'part') {
      await waitForPart(paths, site, step.part, work);
      return undefined;
    }
    const state = liveState(await serviceFacts(paths));
    return state?.planSha256 === context.planSha256 ? undefined : 'it does not run the plan of this deployment';
  },
};

async function check(step: ProcessStep, { paths, planSha256 }: StepContext): Promise<StepState> {
  const state = liveState(await serviceFacts(paths));
  if (!state) return 'will-be-made';
  // A part that was given up comes back only with a new service.
  if (state.planSha256 !== planSha256 || state.parts.some((part) => part.state === 'failed')) return 'will-change';
  if (step.run !== 'part') return 'exists';
  return state.parts.some((part) => part.name === step.part && part.state === 'running') ? 'exists' : 'will-be-made';
}
