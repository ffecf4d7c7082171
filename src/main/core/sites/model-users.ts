import { isElsewhere, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { deployedSites } from './deployed-sites.ts';
import { readSiteFile } from './read-site-file.ts';
import type { SitePaths } from './site-paths.ts';
import { keptSiteFiles } from './upgrade-record.ts';

/** A site that needs a model of the store; `isSure` is false when its site file cannot be read. */
export interface ModelUser {
  site: string;
  isSure: boolean;
}

/** Returns the deployed sites that serve the model with that name from the store, running or not, or that a rollback lets serve it. */
export async function modelUsers(sites: string, model: string): Promise<ModelUser[]> {
  const users: ModelUser[] = [];
  for (const paths of await deployedSites(sites)) {
    const site = paths.name;
    const file = await deployedFile(paths);
    const states = [...(file ? [file] : []), ...(await keptSiteFiles(paths))];
    const isUser = states.flatMap(storedModels).includes(model);
    if (!file || isUser) users.push({ site, isSure: isUser });
  }
  return users;
}

/** Returns the names of the models in the store that a site serves. */
export function storedModels(site: SiteFile): string[] {
  return modelSites(site).flatMap(({ model }) => (isElsewhere(model) ? [] : [model.name]));
}

/** Returns the site file as last deployed; undefined when it cannot be read. */
export async function deployedFile(paths: SitePaths): Promise<SiteFile | undefined> {
  return (await readSiteFile(paths.siteFile).catch(() => undefined))?.site;
}
