import { appError } from '../../../../shared/errors/app-error.ts';
import { connectEngine, type Engine, isNotThere } from '../../engine/connect-engine.ts';
import { usedEngines } from '../../sites/deployment-record.ts';
import type { SitePaths } from '../../sites/site-paths.ts';

/**
 * Connects to an engine that a site used. For one that does not answer it throws `site.engine-gone`, which explains how to
 * continue without it, or with `leave` returns undefined. Otherwise throws as `connectEngine` does.
 */
export async function usedEngine(site: string, address: string, leave: boolean): Promise<Engine | undefined> {
  try {
    return await connectEngine(address);
  } catch (error) {
    if (!isNotThere(error)) throw error;
    if (leave) return undefined;
    throw appError('site.engine-gone', { site, address }, error);
  }
}

/**
 * Connects to the engines of the site's deployment record: its site file may name another one by now, or none. With `leave`, those that
 * do not answer are `silent`; else it throws as `usedEngine` does.
 */
export async function siteEngines(paths: SitePaths, leave = false): Promise<{ engines: Engine[]; silent: string[] }> {
  const engines: Engine[] = [];
  const silent: string[] = [];
  for (const address of await usedEngines(paths)) {
    const engine = await usedEngine(paths.name, address, leave);
    if (engine) engines.push(engine);
    else silent.push(address);
  }
  return { engines, silent };
}
