import { constants, type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { closeFile } from '../../files/close-file.ts';
import { fileError } from '../../files/file-error.ts';

const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a plain file of a medium for reading only, by its path below the root. No link is followed on the way and no device or
 * pipe is opened (`bundle.link`); a missing one returns undefined; a failing medium throws `medium.gone`.
 */
export async function openMediumFile(root: string, path: string): Promise<FileHandle | undefined> {
  try {
    const segments = path.split('/');
    let here = root;
    for (const [index, segment] of segments.entries()) {
      here = join(here, segment);
      const stat = await lstat(here);
      const isLast = index === segments.length - 1;
      if (isLast ? !stat.isFile() : !stat.isDirectory()) throw appError('bundle.link', { path: here });
    }
    const file = await open(here, flags);
    if ((await file.stat()).isFile()) return file;
    await closeFile(file);
    throw appError('bundle.link', { path: here });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP' || code === 'ENOTDIR') throw appError('bundle.link', { path: join(root, path) }, error);
    throw fileError(join(root, path), 'read', error);
  }
}
