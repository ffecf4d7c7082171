import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import type { files } from '../../../shared/contract/files.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { showFolder } from './show-folder.ts';

/** Implements the contract's area `files`. */
export function filesHandlers(): AreaHandlers<typeof files> {
  return {
    list: async ({ path = homedir() }) => {
      // A shell may run anywhere, so a relative path would not start where people expect.
      if (!isAbsolute(path))
        throw appError('input.invalid', { what: 'the path', issues: [`"${path}" is not absolute`] });
      return showFolder(path);
    },
  };
}
