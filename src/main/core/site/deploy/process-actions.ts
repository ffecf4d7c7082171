import { silentMs } from '../../serving/parts/silent-part.ts';
import { secretFiles } from '../../sites/site-paths.ts';
import { reloadService, startService, stopService, waitForPart } from '../service/control-service.ts';
import { frontProblem } from '../service/front-health.ts';
import { changedKeys, keyPrints } from '../service/key-prints.ts';
import { liveState, serviceFacts } from '../service/service-facts.ts';
import type { Checked, StepAction, StepContext, StepOf } from './step.ts';

type ProcessStep = StepOf<'process'>;

/** Handles the service, its parts and the front's health. Only the service is started here; it starts the parts. */
export const processAction: StepAction<ProcessStep> = {
  check: (step, context) => check(step, context),
  apply: async (step, context) => {
    const { ports, paths, site, work } = context;
    if (step.run === 'service') {
      await stopService(paths, site, work.signal);
      await startService(ports, paths, site, work.signal);
    } else if (step.run === 'part') {
      const why = await reasonToRestart(step.part, context);
      if (why) await reloadService(ports, paths, site, work.signal);
      if (why?.includes(secretFiles.frontApiKey))
        work.warn(
          'GitLab still has the old front API key. To set the new one, see the steps: sealift gitlab plan SITE.yaml',
        );
      await waitForPart(paths, site, step.part, work);
    }
  },
  verify: async (step, context) => {
    const { paths, site, work } = context;
    if (step.run === 'front-health') return frontProblem(step.url, work.signal);
    if (step.run === 'part') {
      await waitForPart(paths, site, step.part, work);
      return undefined;
    }
    const state = liveState(await serviceFacts(paths));
    return state?.planSha256 === context.service.sha256 ? undefined : 'it does not run the plan of this deployment';
  },
};

async function check(step: ProcessStep, context: StepContext): Promise<Checked> {
  const state = liveState(await serviceFacts(context.paths));
  if (!state) return 'will-be-made';
  if (state.planSha256 !== context.service.sha256) return 'will-change';
  if (step.run !== 'part') return 'exists';
  const why = await reasonToRestart(step.part, context);
  if (why) return { state: 'will-change', why: `restart part ${step.part} because ${why}` };
  return state.parts.some((part) => part.name === step.part && part.state === 'running') ? 'exists' : 'will-be-made';
}

/** Returns why a part must be restarted although its plan is the same. */
async function reasonToRestart(name: string, { paths, service }: StepContext): Promise<string | undefined> {
  const part = liveState(await serviceFacts(paths))?.parts.find((one) => one.name === name);
  const config = service.plan.parts.find((one) => one.name === name);
  if (!part || !config) return undefined;
  if (part.state === 'failed') return 'it had failed';
  if (silentMs(part, new Date()) > 0) return `it has not answered since ${part.silentSince}`;
  const changed = changedKeys(part.keys ?? {}, await keyPrints(paths.secrets, config));
  return changed.length > 0 ? `its key changed (${changed.join(', ')})` : undefined;
}
