import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import type { CorePorts } from '../../ports.ts';
import { usesContainers } from '../../sites/container-rules.ts';
import { usedEngines } from '../../sites/deployment-record.ts';
import { siteMark } from '../../sites/engine-owner.ts';
import { readSiteFile } from '../../sites/read-site-file.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { findAllWeights } from '../../store/find-model.ts';
import { type ContainerPlan, planContainers } from './plan-containers.ts';

/** Returns the site file as last deployed if it has containers, else undefined. Throws `site.record-damaged`. */
export async function containerSiteFile(paths: SitePaths): Promise<SiteFile | undefined> {
  if ((await usedEngines(paths)).length === 0) return undefined;
  try {
    const { site } = await readSiteFile(paths.siteFile);
    return usesContainers(site) ? site : undefined;
  } catch (error) {
    const { code, message } = error as AppError;
    // A deployment that was killed may not have written it.
    if (code === 'file.missing') return undefined;
    throw appError('site.record-damaged', { path: paths.siteFile, problem: message, site: paths.name }, error);
  }
}

/** Plans the containers of a deployed site; null for a site without containers. Throws as `planContainers` does. */
export async function deployedContainerPlan(
  ports: Pick<CorePorts, 'paths' | 'resources'>,
  paths: SitePaths,
): Promise<ContainerPlan | null> {
  const { store } = ports.paths;
  const site = await containerSiteFile(paths);
  if (!site) return null;
  const models = await findAllWeights(store, site);
  return planContainers(site, [], {
    store,
    resources: ports.resources,
    paths,
    mark: await siteMark(paths),
    models,
  });
}
