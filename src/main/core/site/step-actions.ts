import { chmod, mkdir, stat } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';
import { containerAction, imageAction, networkAction, volumeAction } from './containers/container-actions.ts';
import { fileError } from './file-error.ts';
import { portAction } from './port-action.ts';
import { processAction } from './process-actions.ts';
import { makeSecret, secretFacts } from './site-secret.ts';
import type { Step } from './step.ts';
import type { StepAction, StepContext, StepOf, StepState } from './step-action.ts';
import { readBounded, writeWhole } from './whole-file.ts';

/** Looks at one step. Throws what forbids the deployment, such as `site.port-taken`. */
export function checkStep(step: Step, context: StepContext): Promise<StepState> {
  return (actions[step.kind] as StepAction<Step>).check(step, context);
}

/** Does one step, unless it is done, and makes sure of it. Throws `site.step-unverified` or what went wrong. */
export async function doStep(step: Step, state: StepState, context: StepContext): Promise<void> {
  const action = actions[step.kind] as StepAction<Step>;
  if (state !== 'exists') await action.apply(step, context);
  const problem = await action.verify(step, context);
  if (problem) throw appError('site.step-unverified', { step: step.title, what: step.what, problem });
}

const folder: StepAction<StepOf<'folder'>> = {
  check: async ({ path, mode = 0o700 }) => {
    const found = await stat(path).catch(() => undefined);
    if (!found) return 'will-be-made';
    return isNoWiderThan(found.mode, mode) ? 'exists' : 'will-change';
  },
  apply: async ({ path, mode = 0o700 }) => {
    try {
      await mkdir(path, { recursive: true, mode });
      await chmod(path, mode);
    } catch (error) {
      throw fileError(path, 'write', error);
    }
  },
  verify: async ({ path, mode = 0o700 }) => {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) return 'it is no folder';
    return isNoWiderThan(found.mode, mode) ? undefined : 'others may enter it';
  },
};

const secret: StepAction<StepOf<'secret'>> = {
  check: async (step) => {
    const facts = await secretFacts(step.secret, step.path);
    if (!facts) return 'will-be-made';
    return facts.isPrivate ? 'exists' : 'will-change';
  },
  apply: async (step) => {
    // Made once and kept: others may hold its counterpart.
    if (await secretFacts(step.secret, step.path)) await chmod(step.path, 0o600);
    else await writeWhole(step.path, await makeSecret(step.secret));
  },
  verify: async (step) => {
    const facts = await secretFacts(step.secret, step.path);
    if (!facts) return 'it is not there';
    return facts.isPrivate ? undefined : 'others may read it';
  },
};

const file: StepAction<StepOf<'file'>> = {
  check: async ({ path, content }) => {
    const found = await readBounded(path, content.length * 4 + 1);
    if (found === undefined) return 'will-be-made';
    return found === content ? 'exists' : 'will-change';
  },
  apply: async ({ path, content, mode }) => {
    await writeWhole(path, content);
    if (mode !== undefined) await chmod(path, mode);
  },
  verify: async ({ path, content }) =>
    (await readBounded(path, content.length * 4 + 1)) === content ? undefined : 'its content is not what was written',
};

const actions = {
  folder,
  secret,
  file,
  port: portAction,
  process: processAction,
  image: imageAction,
  network: networkAction,
  volume: volumeAction,
  container: containerAction,
};

function isNoWiderThan(found: number, wanted: number): boolean {
  return process.platform === 'win32' || (found & 0o777 & ~wanted) === 0;
}
