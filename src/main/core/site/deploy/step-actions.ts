import { chmod, stat } from 'node:fs/promises';
import { appError } from '../../../../shared/errors/app-error.ts';
import { fileError } from '../../files/file-error.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { makeSecret, secretFacts } from '../../sites/site-secret.ts';
import { containerAction } from './container-actions.ts';
import { logFolderAction } from './log-folder-action.ts';
import { imageAction, networkAction, volumeAction } from './network-actions.ts';
import { portAction } from './port-action.ts';
import { processAction } from './process-actions.ts';
import type { Step, StepAction, StepContext, StepOf, StepState } from './step.ts';
import { packageAction } from './variant-steps.ts';

/** Checks one step. Throws what blocks the deployment, such as `site.port-taken`. */
export async function checkStep(step: Step, context: StepContext): Promise<{ state: StepState; why?: string }> {
  const checked = await (actions[step.kind] as StepAction<Step>).check(step, context);
  return typeof checked === 'string' ? { state: checked } : checked;
}

/** Applies one step unless it is done, then verifies it. Throws `site.step-unverified` or what went wrong. */
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
      await makeFolder(path, mode);
      await chmod(path, mode);
    } catch (error) {
      throw fileError(path, 'write', error);
    }
  },
  verify: async ({ path, mode = 0o700 }) => {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) return 'it is not a folder';
    return isNoWiderThan(found.mode, mode) ? undefined : 'other users can enter it';
  },
};

const secret: StepAction<StepOf<'secret'>> = {
  check: async (step) => {
    const facts = await secretFacts(step.secret, step.path);
    if (!facts) return 'will-be-made';
    return facts.isPrivate ? 'exists' : 'will-change';
  },
  apply: async (step, { secrets }) => {
    // Made once and kept: others may hold its public part.
    if (await secretFacts(step.secret, step.path)) await chmod(step.path, 0o600);
    else await writeWhole(step.path, await (secrets.get(step.path) ?? makeSecret(step.secret)));
  },
  verify: async (step) => {
    const facts = await secretFacts(step.secret, step.path);
    if (!facts) return 'it is missing';
    return facts.isPrivate ? undefined : 'other users can read it';
  },
};

const file: StepAction<StepOf<'file'>> = {
  check: async ({ path, content }) => {
    const found = await stat(path).catch(() => undefined);
    if (!found) return 'will-be-made';
    return (await holds(path, content)) ? 'exists' : 'will-change';
  },
  apply: async ({ path, content, mode }) => {
    await writeWhole(path, content);
    if (mode !== undefined) await chmod(path, mode);
  },
  verify: async ({ path, content }) =>
    (await holds(path, content)) ? undefined : 'its content differs from what was written',
};

const actions = {
  folder,
  'log-folder': logFolderAction,
  secret,
  package: packageAction,
  file,
  port: portAction,
  process: processAction,
  image: imageAction,
  network: networkAction,
  volume: volumeAction,
  container: containerAction,
};

async function holds(path: string, content: string): Promise<boolean> {
  const wanted = Buffer.from(content);
  if ((await stat(path).catch(() => undefined))?.size !== wanted.length) return false;
  return (await readBounded(path, wanted.length))?.equals(wanted) ?? false;
}

function isNoWiderThan(found: number, wanted: number): boolean {
  return process.platform === 'win32' || (found & 0o777 & ~wanted) === 0;
}
