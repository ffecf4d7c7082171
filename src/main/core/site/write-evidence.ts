import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SitePaths } from './site-paths.ts';

/** Writes a job's result to the site's evidence, whole or not at all, mode 0600. Gives the path. */
export async function writeEvidence(
  paths: SitePaths,
  name: 'gitlab.json' | 'probe.json',
  value: unknown,
): Promise<string> {
  const path = join(paths.evidence, name);
  const temporary = `${path}.${randomUUID()}`;
  try {
    await mkdir(paths.evidence, { recursive: true, mode: 0o700 });
    await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
    await rename(temporary, path);
    return path;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw appError('space.ran-out', { path }, error);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR')
      throw appError('file.denied', { path, action: 'write' }, error);
    throw error;
  }
}
