import { appError } from '../../../shared/errors/app-error.ts';
import { isFolder, pathExists } from './path-exists.ts';

/** Refuses to overwrite an existing file that a person named: `input.invalid`. `option`: how they named it. */
export async function refuseExisting(option: string, path: string, remedy = 'name another file'): Promise<void> {
  if (!(await pathExists(path))) return;
  throw appError('input.invalid', { what: option, issues: [`${path} already exists; ${remedy}`] });
}

/** Refuses a folder to write to that does not exist, before hours of reading: `file.missing`. */
export async function refuseNoFolder(folder: string, what: string): Promise<void> {
  if (!(await isFolder(folder))) throw appError('file.missing', { path: folder, what });
}
