import { appError } from '../../../shared/errors/app-error.ts';
import { slug } from '../../../shared/site-file.ts';
import { listFolder } from '../files/list-folder.ts';
import { readSiteFile } from './read-site-file.ts';
import { siteContents } from './site-contents.ts';
import { type SitePaths, sitePaths } from './site-paths.ts';

/** Returns the paths of the sites deployed in a data folder, sorted by name, including ones whose deployment did not complete. */
export async function deployedSites(sites: string): Promise<SitePaths[]> {
  const names = await listFolder(sites);
  // Uninstall leaves a folder without Sealift's files to its owner; a folder that cannot be read may be a site.
  const isSite = (paths: SitePaths) =>
    siteContents(paths).then(
      ({ own }) => own.length > 0,
      () => true,
    );
  const known = names.filter((name) => slug.safeParse(name).success).sort();
  const all = known.map((name) => sitePaths(sites, name));
  const areSites = await Promise.all(all.map(isSite));
  return all.filter((_name, at) => areSites[at]);
}

/**
 * Returns the paths of the requested site: by its site file, by its name, or the only deployed one. Throws `site.unknown` for one
 * that is not deployed here, `site.which` when the choice is ambiguous, and `site.other-name` when file and name contradict each other.
 */
export async function resolveSite(
  sites: string,
  asked: { siteFile?: string | undefined; site?: string | undefined },
): Promise<SitePaths> {
  const all = await deployedSites(sites);
  const known = all.map((one) => one.name);
  const name = asked.siteFile === undefined ? asked.site : await nameIn(asked.siteFile, asked.site);
  if (name !== undefined) {
    const named = all.find((one) => one.name === name);
    if (!named) throw appError('site.unknown', { name, known });
    return named;
  }
  const [only, second] = all;
  if (only === undefined || second !== undefined) throw appError('site.which', { known });
  return only;
}

async function nameIn(siteFile: string, asked: string | undefined): Promise<string> {
  const { site } = await readSiteFile(siteFile);
  if (asked !== undefined) requireName(site.name, { siteFile, asked });
  return site.name;
}

/** Throws `site.other-name` when a site file is that of another site. */
export function requireName(name: string, { siteFile, asked }: { siteFile: string; asked: string }): void {
  if (name !== asked) throw appError('site.other-name', { siteFile, name, asked });
}
