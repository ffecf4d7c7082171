import type { SiteFile } from '../../../../shared/site-file.ts';
import type { CorePorts } from '../../ports.ts';
import { homePaths } from '../../settings/paths.ts';
import { usesContainers } from '../container-rules.ts';
import { findWeights } from '../find-model.ts';
import { readSiteFile } from '../read-site-file.ts';
import { sitePaths } from '../site-paths.ts';
import { type ContainerPlan, planContainers } from './plan-containers.ts';

/** The site file as it was last deployed, when it has containers; else undefined. */
export async function containerSiteFile(sites: string, name: string): Promise<SiteFile | undefined> {
  const { siteFile } = sitePaths(sites, name);
  const site = (await readSiteFile(siteFile).catch(() => undefined))?.site;
  return site && usesContainers(site) ? site : undefined;
}

/** The containers of a deployed site as they should be; null for a site without. Throws as `planContainers` does. */
export async function deployedContainerPlan(
  ports: Pick<CorePorts, 'home' | 'resources'>,
  name: string,
): Promise<ContainerPlan | null> {
  const { sites, store } = homePaths(ports.home);
  const site = await containerSiteFile(sites, name);
  if (!site) return null;
  const weights = await findWeights(store, site);
  return planContainers(site, true, { store, resources: ports.resources, paths: sitePaths(sites, name), weights });
}
