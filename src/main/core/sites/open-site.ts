import { parseSiteFile, type ReadSiteFile, readSiteFile } from './read-site-file.ts';
import { type SitePaths, sitePaths } from './site-paths.ts';

/** A site file with the paths of its site. */
export type OpenSite = ReadSiteFile & { paths: SitePaths };

/**
 * Reads a site file, or takes `text` for its content, and returns it with the paths of its site, deployed or not. Throws as
 * `readSiteFile` does.
 */
export async function openSite(sites: string, siteFile: string, text?: string): Promise<OpenSite> {
  const read = text === undefined ? await readSiteFile(siteFile) : { site: parseSiteFile(text, siteFile), text };
  return { ...read, paths: sitePaths(sites, read.site.name) };
}
