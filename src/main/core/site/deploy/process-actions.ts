import { configSha256, type ServiceState } from '../../serving/parts/parts.ts';
import { silentMs } from '../../serving/parts/silent-part.ts';
import { secretFiles } from '../../sites/site-paths.ts';
import { codeSha256 } from '../service/code-sha256.ts';
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
      const state = await runningState(context);
      if (state && (await takesPlans(state, context))) await reloadService(ports, paths, site, work.signal);
      if (await runsPlan(context)) return;
      await stopService(paths, site, work.signal);
      await startService(ports, paths, site, work.signal);
    } else if (step.run === 'part') {
      const state = await runningState(context);
      const why = state && (await reasonToRestart(step.part, state, context));
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
    return (await runsPlan(context)) ? undefined : 'it does not run the plan of this deployment';
  },
};

async function check(step: ProcessStep, context: StepContext): Promise<Checked> {
  const state = await runningState(context);
  if (!state) return 'will-be-made';
  const isOther = state.planSha256 !== context.service.sha256;
  if (step.run !== 'part') return isOther ? 'will-change' : 'exists';
  if (!state.parts.some((one) => one.name === step.part)) return 'will-be-made';
  if (isOther && !(await isKept(step.part, state, context))) return 'will-change';
  const why = await reasonToRestart(step.part, state, context);
  if (why) return { state: 'will-change', why: `restart part ${step.part} because ${why}` };
  return state.parts.some((part) => part.name === step.part && part.state === 'running') ? 'exists' : 'will-be-made';
}

async function runningState({ paths }: StepContext): Promise<ServiceState | undefined> {
  return liveState(await serviceFacts(paths));
}

async function runsPlan(context: StepContext): Promise<boolean> {
  return (await runningState(context))?.planSha256 === context.service.sha256;
}

/** True when the running service can take another plan: one that runs other code than this Sealift's is replaced as a whole. */
async function takesPlans(state: ServiceState, { ports }: StepContext): Promise<boolean> {
  return state.codeSha256 === (await codeSha256(ports.workers));
}

/** True for a part that keeps running under the other plan. */
async function isKept(name: string, state: ServiceState, context: StepContext): Promise<boolean> {
  const wanted = context.service.plan.parts.find((one) => one.name === name);
  const running = state.parts.find((one) => one.name === name);
  const isSame = wanted !== undefined && running?.configSha256 === configSha256(wanted);
  return isSame && (await takesPlans(state, context));
}

/** Returns why a part must be restarted although its plan is the same. */
async function reasonToRestart(
  name: string,
  { parts }: ServiceState,
  { paths, service }: StepContext,
): Promise<string | undefined> {
  const part = parts.find((one) => one.name === name);
  const config = service.plan.parts.find((one) => one.name === name);
  if (!part || !config) return undefined;
  if (part.state === 'failed') return 'it had failed';
  if (silentMs(part, new Date()) > 0) return `it has not answered since ${part.silentSince}`;
  const changed = changedKeys(part.keys ?? {}, await keyPrints(paths.secrets, config));
  return changed.length > 0 ? `its key changed (${changed.join(', ')})` : undefined;
}
