import type { Engine } from '../../engine/connect-engine.ts';
import { type SiteMark, siteFilter } from '../../engine/labels.ts';
import { removeSiteObjects } from '../../engine/networks-and-volumes.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { type SiteContainer, siteContainers } from '../../engine/site-containers.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { siteMark } from '../../sites/engine-owner.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import type { Work } from '../../work.ts';
import type { ContainerPlan } from './plan-containers.ts';
import { endOfRestart, type PendingRestart } from './restart-model.ts';
import { startContainer, waitContainer } from './start-container.ts';
import { siteEngines } from './used-engine.ts';

/** What uninstall leaves in engines: volumes hold weights, and an engine that does not answer may never come back. */
export interface KeptInEngines {
  keepWeights: boolean;
  leaveEngines: boolean;
}

// The gateway's start script does not forward the signal, so stopping it takes the full time. It keeps nothing that could be lost.
const stopSeconds = 3;
const mostLooks = 3;

/**
 * Stops the containers of a site, the gateway first; true when one was running. They stay stopped when the engine restarts. It looks again
 * afterwards: a restart that a killed service has requested is finished by the engine, which starts the container after this stop. `pending`
 * is such a restart; then it is waited for.
 */
export async function stopContainers(paths: SitePaths, work: Work, pending?: PendingRestart): Promise<boolean> {
  let hasRun = false;
  for (const engine of (await siteEngines(paths)).engines) {
    const mark = await siteMark(paths);
    if (pending) await endOfRestart(engine, mark, pending, work.signal);
    for (let look = 1; look <= mostLooks && (await stopRunning(engine, mark, work)); look += 1) hasRun = true;
  }
  return hasRun;
}

async function stopRunning(engine: Engine, mark: SiteMark, work: Work): Promise<boolean> {
  const found = await siteContainers(engine, mark);
  const running = found.filter((one) => ['running', 'restarting', 'paused'].includes(one.status));
  const gatewayFirst = running.sort((a, b) => Number(b.part === 'gateway') - Number(a.part === 'gateway'));
  for (const one of gatewayFirst) await stopContainer(engine, one, work);
  return running.length > 0;
}

async function stopContainer(engine: Engine, { id, part, name }: SiteContainer, work: Work): Promise<void> {
  work.step(`stop-${part}`, `Stop the container ${name}`);
  work.signal.throwIfAborted();
  try {
    await engine.docker.getContainer(id).stop({ t: stopSeconds });
  } catch (thrown) {
    // 304: it has just stopped by itself.
    if (![304, 404].includes((thrown as { statusCode?: number }).statusCode ?? 0))
      throw translateEngineError(thrown, { address: engine.address, doing: `stop the container ${name}` });
  }
}

/** Starts some containers of a site and waits until they are healthy; one that was changed by hand is recreated. */
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

/** Names the objects that uninstall removes from the engines a site used; `silent` lists engines that do not answer. */
export async function engineObjects(
  paths: SitePaths,
  keep: KeptInEngines,
): Promise<{ names: string[]; silent: string[] }> {
  const { engines, silent } = await siteEngines(paths, keep.leaveEngines);
  const filters = siteFilter(await siteMark(paths));
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
      throw translateEngineError(thrown, { address, doing: `list the parts of ${paths.name}` });
    }
  }
  // Two addresses may reach the same engine.
  return { names: [...new Set(names)], silent };
}

/** Removes what a site made in the engines that it used, and nothing else. */
export async function removeEngineObjects(paths: SitePaths, keep: KeptInEngines): Promise<string[]> {
  const mark = await siteMark(paths);
  const removed: string[] = [];
  const { engines } = await siteEngines(paths, keep.leaveEngines);
  for (const engine of engines)
    removed.push(...(await removeSiteObjects(engine, mark, { keepVolumes: keep.keepWeights })));
  return removed;
}
