import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { readBounded, readNamed } from '../files/read-bounded.ts';
import { type SitePaths, secretFiles } from '../site/site-paths.ts';

const limitBytes = 64 * 1024;

/** A secret of the site, trimmed, or undefined when deploy has not made it. Throws `file.denied`, `file.too-large`. */
export async function readSiteSecret(paths: SitePaths, name: keyof typeof secretFiles): Promise<string | undefined> {
  const path = join(paths.secrets, secretFiles[name]);
  return (await readBounded(path, limitBytes))?.toString().trim() || undefined;
}

/**
 * The admin token for a site's GitLab. Simulated: always the site's own secret, so that a real token never reaches a stand-in.
 * Real: as given, else of the file that was named. Throws `gitlab.token-missing`, or `file.missing` for a file that is not there or is
 * no plain file, `file.too-large` for one that holds no token for sure.
 */
export async function gitlabToken(
  site: SiteFile,
  paths: SitePaths,
  given: { token?: string | undefined; tokenFile?: string | undefined },
): Promise<string> {
  const { simulated } = site.gitlab;
  const token = simulated ? await readSiteSecret(paths, 'simulatedGitlabToken') : await givenToken(given);
  if (token) return token;
  throw appError('gitlab.token-missing', { simulated, path: join(paths.secrets, secretFiles.simulatedGitlabToken) });
}

async function givenToken(given: { token?: string | undefined; tokenFile?: string | undefined }) {
  if (given.token) return given.token.trim();
  if (!given.tokenFile) return undefined;
  const path = given.tokenFile;
  const token = (await readNamed(path, limitBytes, 'The token file')).toString().trim();
  if (/^[\x21-\x7e]{1,500}$/.test(token)) return token;
  throw appError('input.invalid', { what: 'token file', issues: ['must hold one line with the token alone'] });
}
