import type { SiteFile } from '../../../shared/site-file.ts';
import { deployedSites } from './deployed-sites.ts';
import { readSiteFile } from './read-site-file.ts';
import type { SitePaths } from './site-paths.ts';

/** A site that needs a model of the store; `isSure` is false when its site file cannot be read. */
export interface ModelUser {
  site: string;
  isSure: boolean;
}

/** Returns the deployed sites that serve the model with that name from the store, running or not. */
export async function modelUsers(sites: string, model: string): Promise<ModelUser[]> {
  const users: ModelUser[] = [];
  for (const paths of await deployedSites(sites)) {
    const site = paths.name;
    const file = await deployedFile(paths);
    if (!file) users.push({ site, isSure: false });
    else if (file.model.engine !== 'external' && file.model.name === model) users.push({ site, isSure: true });
  }
  return users;
}

/** Returns the site file as last deployed; undefined when it cannot be read. */
export async function deployedFile(paths: SitePaths): Promise<SiteFile | undefined> {
  return (await readSiteFile(paths.siteFile).catch(() => undefined))?.site;
}
