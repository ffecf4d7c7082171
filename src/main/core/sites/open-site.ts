import { type ReadSiteFile, readSiteFile } from './read-site-file.ts';
import { type SitePaths, sitePaths } from './site-paths.ts';

/** A site file with the paths of its site. */
export type OpenSite = ReadSiteFile & { paths: SitePaths };

/** Reads a site file and returns it with the paths of its site, deployed or not. Throws as `readSiteFile` does. */
export async function openSite(sites: string, siteFile: string): Promise<OpenSite> {
  const read = await readSiteFile(siteFile);
  return { ...read, paths: sitePaths(sites, read.site.name) };
}
