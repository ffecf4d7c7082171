import type { SiteFile } from '../../../shared/site-file.ts';
import { deployedSites } from './deployed-sites.ts';
import { readSiteFile } from './read-site-file.ts';
import { sitePaths } from './site-paths.ts';

/** A site that needs a model of the store; `isSure` is false when its site file cannot be read. */
export interface ModelUser {
  site: string;
  isSure: boolean;
}

/** The deployed sites that serve the model of that name from the store, whether they run now or not. */
export async function modelUsers(sites: string, model: string): Promise<ModelUser[]> {
  const users: ModelUser[] = [];
  for (const site of await deployedSites(sites)) {
    const file = await deployedFile(sites, site);
    if (!file) users.push({ site, isSure: false });
    else if (file.model.engine !== 'external' && file.model.name === model) users.push({ site, isSure: true });
  }
  return users;
}

/** The site file as it was last deployed; undefined when it cannot be read. */
export async function deployedFile(sites: string, name: string): Promise<SiteFile | undefined> {
  return (await readSiteFile(sitePaths(sites, name).siteFile).catch(() => undefined))?.site;
}
