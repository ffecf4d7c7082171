import { connectEngine, engineAddress } from '../../engine/connect-engine.ts';
import { siteFilter } from '../../engine/labels.ts';
import { removeSiteObjects } from '../../engine/networks-and-volumes.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { siteContainers } from '../../engine/site-containers.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import type { Work } from '../../jobs/work.ts';
import type { SitePaths } from '../site-paths.ts';
import { startContainer, waitContainer } from './container-actions.ts';
import type { ContainerPlan } from './plan-containers.ts';
import { containerSiteFile } from './site-plan.ts';

// The gateway's start script does not pass the signal on: it takes the whole time.
const stopSeconds = 10;

/** Stops the containers of a site, the gateway first; true when one ran. They stay stopped over restarts of the engine. */
export async function stopContainers(sites: string, site: string, work: Work): Promise<boolean> {
  const file = await containerSiteFile(sites, site);
  if (!file) return false;
  const engine = await connectEngine(engineAddress(file.engineHost));
  const found = await siteContainers(engine, site);
  const running = found.filter((one) => one.status === 'running' || one.status === 'restarting');
  const gatewayFirst = [...running].sort((a, b) => Number(b.part === 'gateway') - Number(a.part === 'gateway'));
  for (const one of gatewayFirst) {
    work.step(`stop-${one.part}`, `Stop the container ${one.name}`);
    work.signal.throwIfAborted();
    try {
      await engine.docker.getContainer(one.id).stop({ t: stopSeconds });
    } catch (thrown) {
      // 304: it has just ended by itself.
      if (![304, 404].includes((thrown as { statusCode?: number }).statusCode ?? 0))
        throw translateEngineError(thrown, { address: engine.address, doing: `stop the container ${one.name}` });
    }
  }
  return running.length > 0;
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
    await startContainer(plan.engine, planned, context);
    await waitContainer(plan.engine, planned, context);
  }
}

/** Names of what a site has in the engine, as uninstall removes it; empty for a site without containers. */
export async function engineObjects(sites: string, site: string, keepVolumes: boolean): Promise<string[]> {
  const file = await containerSiteFile(sites, site);
  if (!file) return [];
  const { docker, address } = await connectEngine(engineAddress(file.engineHost));
  const filters = siteFilter(site);
  try {
    const containers = await docker.listContainers({ all: true, filters });
    const networks = await docker.listNetworks({ filters });
    const volumes = keepVolumes ? [] : ((await docker.listVolumes({ filters: JSON.stringify(filters) })).Volumes ?? []);
    return [
      ...containers.map((one) => `container ${(one.Names[0] ?? one.Id).replace(/^\//, '')}`),
      ...networks.map((one) => `network ${one.Name}`),
      ...volumes.map((one) => `volume ${one.Name}`),
    ];
  } catch (thrown) {
    throw translateEngineError(thrown, { address, doing: `list the parts of ${site}` });
  }
}

/** Removes what a site has in the engine, and nothing that it did not make. */
export async function removeEngineObjects(sites: string, site: string, keepVolumes: boolean): Promise<string[]> {
  const file = await containerSiteFile(sites, site);
  if (!file) return [];
  return removeSiteObjects(await connectEngine(engineAddress(file.engineHost)), site, { keepVolumes });
}
