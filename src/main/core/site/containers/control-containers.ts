import type { Engine } from '../../engine/connect-engine.ts';
import { siteFilter } from '../../engine/labels.ts';
import { removeSiteObjects } from '../../engine/networks-and-volumes.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { type SiteContainer, siteContainers } from '../../engine/site-containers.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import type { Work } from '../../jobs/work.ts';
import { usedEngines } from '../deployment-record.ts';
import { siteMark } from '../engine-owner.ts';
import { type SitePaths, sitePaths } from '../site-paths.ts';
import { startContainer, waitContainer } from './container-actions.ts';
import type { ContainerPlan } from './plan-containers.ts';
import { usedEngine } from './used-engine.ts';

/** What uninstall leaves in engines: volumes hold weights, and an engine that does not answer may be gone for good. */
export interface KeptInEngines {
  keepWeights: boolean;
  leaveEngines: boolean;
}

// The gateway's start script does not pass the signal on: it takes the whole time.
const stopSeconds = 10;

/** Stops the containers of a site, the gateway first; true when one ran. They stay stopped over restarts of the engine. */
export async function stopContainers(sites: string, site: string, work: Work): Promise<boolean> {
  let hasRun = false;
  for (const engine of (await siteEngines(sites, site)).engines) {
    const found = await siteContainers(engine, await siteMark(sites, site));
    const running = found.filter((one) => one.status === 'running' || one.status === 'restarting');
    const gatewayFirst = [...running].sort((a, b) => Number(b.part === 'gateway') - Number(a.part === 'gateway'));
    for (const one of gatewayFirst) await stopContainer(engine, one, work);
    hasRun ||= running.length > 0;
  }
  return hasRun;
}

async function stopContainer(engine: Engine, { id, part, name }: SiteContainer, work: Work): Promise<void> {
  work.step(`stop-${part}`, `Stop the container ${name}`);
  work.signal.throwIfAborted();
  try {
    await engine.docker.getContainer(id).stop({ t: stopSeconds });
  } catch (thrown) {
    // 304: it has just ended by itself.
    if (![304, 404].includes((thrown as { statusCode?: number }).statusCode ?? 0))
      throw translateEngineError(thrown, { address: engine.address, doing: `stop the container ${name}` });
  }
}

/** Starts some containers of a site again and waits until they are well; one that was changed by hand is made anew. */
export async function startContainers(
  plan: ContainerPlan,
  which: PlannedContainer[],
  context: { paths: SitePaths; work: Work },
): Promise<void> {
  for (const planned of which) {
    context.work.step(planned.spec.part, `Start the container ${planned.spec.name}`);
    context.work.signal.throwIfAborted();
    await startContainer(plan.engine, planned, { ...context, mark: plan.mark });
    await waitContainer(plan.engine, planned, { ...context, mark: plan.mark });
  }
}

/** Names of what a site has in the engines that it used, as uninstall removes it; `silent`: engines that are left. */
export async function engineObjects(
  sites: string,
  site: string,
  keep: KeptInEngines,
): Promise<{ names: string[]; silent: string[] }> {
  const { engines, silent } = await siteEngines(sites, site, keep.leaveEngines);
  const filters = siteFilter(await siteMark(sites, site));
  const names: string[] = [];
  for (const { docker, address } of engines) {
    try {
      const containers = await docker.listContainers({ all: true, filters });
      const networks = await docker.listNetworks({ filters });
      const volumes = keep.keepWeights ? [] : (await docker.listVolumes({ filters: JSON.stringify(filters) })).Volumes;
      names.push(
        ...containers.map((one) => `container ${(one.Names[0] ?? one.Id).replace(/^\//, '')}`),
        ...networks.map((one) => `network ${one.Name}`),
        ...(volumes ?? []).map((one) => `volume ${one.Name}`),
      );
    } catch (thrown) {
      throw translateEngineError(thrown, { address, doing: `list the parts of ${site}` });
    }
  }
  // Two addresses may mean one engine.
  return { names: [...new Set(names)], silent };
}

/** Removes what a site has in the engines that it used, and nothing that it did not make. */
export async function removeEngineObjects(sites: string, site: string, keep: KeptInEngines): Promise<string[]> {
  const mark = await siteMark(sites, site);
  const removed: string[] = [];
  const { engines } = await siteEngines(sites, site, keep.leaveEngines);
  for (const engine of engines)
    removed.push(...(await removeSiteObjects(engine, mark, { keepVolumes: keep.keepWeights })));
  return removed;
}

/** The engines that deployments of a site used; by its record, since its site file may name another one by now, or none. */
async function siteEngines(
  sites: string,
  site: string,
  leave = false,
): Promise<{ engines: Engine[]; silent: string[] }> {
  const engines: Engine[] = [];
  const silent: string[] = [];
  for (const address of await usedEngines(sitePaths(sites, site))) {
    const engine = await usedEngine(site, address, leave);
    if (engine) engines.push(engine);
    else silent.push(address);
  }
  return { engines, silent };
}
