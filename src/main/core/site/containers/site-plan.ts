import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import type { CorePorts } from '../../ports.ts';
import { homePaths } from '../../settings/paths.ts';
import { usesContainers } from '../container-rules.ts';
import { usedEngines } from '../deployment-record.ts';
import { siteMark } from '../engine-owner.ts';
import { findWeights } from '../find-model.ts';
import { readSiteFile } from '../read-site-file.ts';
import { sitePaths } from '../site-paths.ts';
import { type ContainerPlan, planContainers } from './plan-containers.ts';

/** The site file as it was last deployed, when it has containers; else undefined. Throws `site.record-damaged`. */
export async function containerSiteFile(sites: string, name: string): Promise<SiteFile | undefined> {
  const paths = sitePaths(sites, name);
  if ((await usedEngines(paths)).length === 0) return undefined;
  try {
    const { site } = await readSiteFile(paths.siteFile);
    return usesContainers(site) ? site : undefined;
  } catch (error) {
    const { code, message } = error as AppError;
    // A deployment that was killed may not have come to it.
    if (code === 'file.missing') return undefined;
    throw appError('site.record-damaged', { path: paths.siteFile, problem: message, site: name }, error);
  }
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
  return planContainers(site, [], {
    store,
    resources: ports.resources,
    paths: sitePaths(sites, name),
    mark: await siteMark(sites, name),
    weights,
  });
}
