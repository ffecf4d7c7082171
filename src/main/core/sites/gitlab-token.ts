import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { givenToken, type TokenSource } from '../files/given-token.ts';
import { readBounded } from '../files/read-bounded.ts';
import { type SitePaths, secretFiles } from './site-paths.ts';

const limitBytes = 64 * 1024;

/** Reads a secret of the site, trimmed; undefined before deploy has made it. Throws `file.denied`, `file.too-large`. */
export async function readSiteSecret(paths: SitePaths, name: keyof typeof secretFiles): Promise<string | undefined> {
  const path = join(paths.secrets, secretFiles[name]);
  return (await readBounded(path, limitBytes))?.toString().trim() || undefined;
}

/** Returns what `gitlabToken` does, or undefined when there is none. Throws as `givenToken`. */
export async function gitlabTokenIfGiven(
  site: SiteFile,
  paths: SitePaths,
  given: TokenSource,
): Promise<string | undefined> {
  return site.gitlab.simulated ? readSiteSecret(paths, 'simulatedGitlabToken') : givenToken(given);
}

/**
 * Returns the admin token for a site's GitLab: for a simulated one always the site's own secret, so that a real token never
 * reaches a stand-in; for a real one the given token. Throws `gitlab.token-missing`, and as `givenToken`.
 */
export async function gitlabToken(site: SiteFile, paths: SitePaths, given: TokenSource): Promise<string> {
  const { simulated } = site.gitlab;
  const token = await gitlabTokenIfGiven(site, paths, given);
  if (token) return token;
  throw appError('gitlab.token-missing', { simulated, path: join(paths.secrets, secretFiles.simulatedGitlabToken) });
}
