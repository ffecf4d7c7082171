import { access, chmod, chown, constants, mkdtemp, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { fileError } from '../../files/file-error.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { nearestExisting } from '../../files/nearest-existing.ts';
import { type LogFolder, makeCommand } from '../containers/log-folder.ts';
import type { StepAction, StepOf } from './step.ts';

/**
 * The folder for a container's log, which belongs to the container's user. An existing one is never changed: it may be anybody's. Its check
 * throws `site.log-folder` with the command to run where this user may not make it.
 */
export const logFolderAction: StepAction<StepOf<'log-folder'>> = {
  check: async ({ folder }) => {
    const problem = (await exists(folder.path)) ? await problemOf(folder) : await makingProblem(folder);
    if (problem) throw unfit(folder, problem);
    return (await exists(folder.path)) ? 'exists' : 'will-be-made';
  },
  apply: async ({ folder: { path, uid } }) => {
    try {
      await makeFolder(dirname(path), 0o755);
      // Complete before it has its name, so that a deployment that is killed here can be repeated.
      const made = await mkdtemp(`${path}.`);
      if (process.getuid?.() !== uid) await chown(made, uid, process.getgid?.() ?? 0);
      await chmod(made, 0o750);
      await rename(made, path);
    } catch (error) {
      throw fileError(path, 'write', error);
    }
  },
  verify: ({ folder }) => problemOf(folder),
};

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function problemOf({ path, uid }: LogFolder): Promise<string | undefined> {
  const found = await stat(path);
  if (!found.isDirectory()) return 'it is not a folder';
  const isOwners = found.uid === uid && (found.mode & 0o300) === 0o300;
  // Root in a container without capabilities has the rights of any user.
  const isEveryones = (found.mode & 0o003) === 0o003;
  if (!isOwners && !isEveryones)
    return `it belongs to user ${found.uid}, and the gateway writes as user ${uid} of its image`;
  const mayRead = await access(path, constants.R_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  return mayRead ? undefined : 'you may not read it, so Sealift could not show the log';
}

async function makingProblem({ path, uid }: LogFolder): Promise<string | undefined> {
  const own = process.getuid?.();
  if (own !== 0 && own !== uid) return `only root can make a folder for user ${uid}, as whom the gateway writes`;
  const parent = await nearestExisting(dirname(path));
  return access(parent, constants.W_OK).then(
    () => undefined,
    () => `you may not write to ${parent}`,
  );
}

function unfit(folder: LogFolder, problem: string): Error {
  return appError('site.log-folder', {
    path: folder.path,
    problem,
    advice: [
      `Make a folder for the log alone: ${makeCommand(folder)}`,
      'Or remove gateway.logFolder from site.yaml: the engine then keeps the log, and sealift logs shows it.',
    ],
  });
}
