import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { type SitePaths, secretFiles } from '../site/site-paths.ts';

const limitChars = 10_000;

/** A secret of the site, trimmed, or undefined when deploy has not made it. Throws `file.denied`. */
export async function readSiteSecret(paths: SitePaths, name: keyof typeof secretFiles): Promise<string | undefined> {
  const path = join(paths.secrets, secretFiles[name]);
  return (await readOneSecret(path).catch(unlessMissing))?.slice(0, limitChars) || undefined;
}

/**
 * The admin token for a site's GitLab: as given, else of the file that was named, else (simulated only) the site's own secret.
 * Throws `gitlab.token-missing`, or `file.missing` for a file that is not there.
 */
export async function gitlabToken(
  site: SiteFile,
  paths: SitePaths,
  given: { token?: string | undefined; tokenFile?: string | undefined },
): Promise<string> {
  if (given.token) return given.token.trim();
  if (given.tokenFile) {
    const path = given.tokenFile;
    const token = await readOneSecret(path).catch((error) => {
      unlessMissing(error);
      throw appError('file.missing', { path, what: 'The token file' }, error);
    });
    if (/^[\x21-\x7e]{1,500}$/.test(token)) return token;
    throw appError('input.invalid', { what: 'token file', issues: ['must hold one line with the token alone'] });
  }
  const own = site.gitlab.simulated ? await readSiteSecret(paths, 'simulatedGitlabToken') : undefined;
  if (own) return own;
  const path = join(paths.secrets, secretFiles.simulatedGitlabToken);
  throw appError('gitlab.token-missing', { simulated: site.gitlab.simulated, path });
}

async function readOneSecret(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trim();
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  if (error.code === 'EACCES' || error.code === 'EPERM')
    throw appError('file.denied', { path: error.path ?? 'a secret file', action: 'read' }, error);
  throw error;
}
