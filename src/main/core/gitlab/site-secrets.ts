import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { givenToken, type TokenSource } from '../files/given-token.ts';
import { readBounded } from '../files/read-bounded.ts';
import { type SitePaths, secretFiles } from '../site/site-paths.ts';

const limitBytes = 64 * 1024;

/** A secret of the site, trimmed, or undefined when deploy has not made it. Throws `file.denied`, `file.too-large`. */
export async function readSiteSecret(paths: SitePaths, name: keyof typeof secretFiles): Promise<string | undefined> {
  const path = join(paths.secrets, secretFiles[name]);
  return (await readBounded(path, limitBytes))?.toString().trim() || undefined;
}

/**
 * The admin token for a site's GitLab. Simulated: always the site's own secret, so that a real token never reaches a stand-in.
 * Real: as given. Throws `gitlab.token-missing`, and as `givenToken`.
 */
export async function gitlabToken(site: SiteFile, paths: SitePaths, given: TokenSource): Promise<string> {
  const { simulated } = site.gitlab;
  const token = simulated ? await readSiteSecret(paths, 'simulatedGitlabToken') : await givenToken(given);
  if (token) return token;
  throw appError('gitlab.token-missing', { simulated, path: join(paths.secrets, secretFiles.simulatedGitlabToken) });
}
