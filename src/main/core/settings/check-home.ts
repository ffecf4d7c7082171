import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';

/**
 * Checks that the data folder is a readable folder or does not exist yet, so that an unreadable one is not taken for an empty one.
 * Throws `home.unusable`.
 */
export async function checkHome(path: string): Promise<void> {
  try {
    if (!(await stat(path)).isDirectory()) throw appError('home.unusable', { path, problem: 'it is no folder' });
    await access(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    const problem = problems[code ?? ''];
    throw problem ? appError('home.unusable', { path, problem }, error) : error;
  }
}

const problems: Record<string, string> = {
  ENOTDIR: 'a file lies where one of its folders should be',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'its disk answers with errors',
  ESTALE: 'its network drive went away',
};
