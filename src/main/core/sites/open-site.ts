import { parseSiteFile, type ReadSiteFile, readSiteFile } from './read-site-file.ts';
import { refuseOutside } from './refuse-outside.ts';
import { type SitePaths, sitePaths } from './site-paths.ts';

/** A site file with the paths of its site. */
export type OpenSite = ReadSiteFile & { paths: SitePaths };

/**
 * Reads a site file that a person names, or takes `text` for its content. Throws as `readSiteFile` and `refuseOutside` do. Deployed copies
 * and those that an upgrade keeps are read with `readSiteFile`: an earlier version, which refused less, may have made them.
 */
export async function takeSiteFile(siteFile: string, text?: string): Promise<ReadSiteFile> {
  const read = await contentOf(siteFile, text);
  refuseOutside(read.site, siteFile);
  return read;
}

/**
 * Returns a site file with the paths of its site, deployed or not. Throws as `takeSiteFile` does, but refuses neither the deployed copy nor
 * `text`, which an upgrade has taken or deployed before.
 */
export async function openSite(sites: string, siteFile: string, text?: string): Promise<OpenSite> {
  const read = await contentOf(siteFile, text);
  const paths = sitePaths(sites, read.site.name);
  if (text === undefined && siteFile !== paths.siteFile) refuseOutside(read.site, siteFile);
  return { ...read, paths };
}

async function contentOf(siteFile: string, text: string | undefined): Promise<ReadSiteFile> {
  return text === undefined ? readSiteFile(siteFile) : { site: parseSiteFile(text, siteFile), text };
}
