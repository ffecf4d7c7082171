import { appError } from '../../../shared/errors/app-error.ts';
import { slug } from '../../../shared/site-file.ts';
import { listFolder } from '../files/list-folder.ts';
import { readSiteFile } from './read-site-file.ts';
import { siteContents } from './site-contents.ts';
import { sitePaths } from './site-paths.ts';

/** Names of the sites that were deployed in a data folder, sorted; also of one whose deployment did not end. */
export async function deployedSites(sites: string): Promise<string[]> {
  const names = await listFolder(sites);
  // A folder with nothing of Sealift is what uninstall left to somebody else; one that cannot be read may be a site.
  const isSite = (name: string) =>
    siteContents(sitePaths(sites, name)).then(
      ({ own }) => own.length > 0,
      () => true,
    );
  const known = names.filter((name) => slug.safeParse(name).success).sort();
  const areSites = await Promise.all(known.map(isSite));
  return known.filter((_name, at) => areSites[at]);
}

/**
 * The name of the site that is meant: of the given site file, of the given name, or the only one there is.
 * Throws `site.unknown` for one that is not deployed here and `site.which` when it is not clear.
 */
export async function resolveSite(
  sites: string,
  asked: { siteFile?: string | undefined; site?: string | undefined },
): Promise<string> {
  const known = await deployedSites(sites);
  const name = asked.siteFile === undefined ? asked.site : (await readSiteFile(asked.siteFile)).site.name;
  if (name !== undefined) {
    if (!known.includes(name)) throw appError('site.unknown', { name, known });
    return name;
  }
  const [only, second] = known;
  if (only === undefined || second !== undefined) throw appError('site.which', { known });
  return only;
}
