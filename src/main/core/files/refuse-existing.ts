import { appError } from '../../../shared/errors/app-error.ts';
import { pathExists } from './path-exists.ts';

/** Refuses to write a file that a person named in place of one that is there: `input.invalid`. `option`: how they named it. */
export async function refuseExisting(option: string, path: string, remedy = 'name another file'): Promise<void> {
  if (!(await pathExists(path))) return;
  throw appError('input.invalid', { what: option, issues: [`${path} is there already; ${remedy}`] });
}
