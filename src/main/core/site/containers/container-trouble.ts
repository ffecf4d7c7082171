import { type ModelSite, modelPart } from '../../../../shared/model-sites.ts';
import { connectEngine, engineAddress } from '../../engine/connect-engine.ts';
import { wasOutOfMemory } from '../../engine/out-of-memory.ts';
import { type SiteContainer, siteContainers } from '../../engine/site-containers.ts';
import { siteMark } from '../../sites/engine-owner.ts';
import type { SitePaths } from '../../sites/site-paths.ts';

/** Why a container cannot answer, as its engine shows it. */
export interface ContainerTrouble {
  failure: 'not-running' | 'out-of-memory' | 'off-network';
  detail: string;
}

/** The trouble of a container that does not exist. */
export function noContainer(what: string): ContainerTrouble {
  return { failure: 'not-running', detail: `${what} does not exist` };
}

/** Returns why a container cannot answer; undefined for one that is running on a network. */
export function containerTrouble(found: SiteContainer): ContainerTrouble | undefined {
  const { name, status, networks } = found;
  if (found.outOfMemory) return outOfMemory(found);
  if (status !== 'running') return { failure: 'not-running', detail: `the container ${name} is ${status}` };
  return networks.length === 0
    ? { failure: 'off-network', detail: `the container ${name} is on no network` }
    : undefined;
}

/** Returns why a model's server in containers cannot answer, if its containers show it. Throws when the engine does not answer. */
export async function modelTrouble(paths: SitePaths, site: ModelSite): Promise<ContainerTrouble | undefined> {
  const engine = await connectEngine(engineAddress(site.engineHost));
  const all = await siteContainers(engine, await siteMark(paths));
  const own = all.filter(({ part }) => (site.part ? part === modelPart(site) : part !== 'gateway'));
  if (own.length === 0) return noContainer("the model server's container");
  for (const one of own) {
    const trouble = containerTrouble(one);
    if (trouble) return trouble;
    // The engine has started it again, and may have to do so at each request.
    if (one.restarts > 0 && (await wasOutOfMemory(engine, one.id))) return outOfMemory(one);
  }
  return undefined;
}

function outOfMemory({ name, limitBytes }: SiteContainer): ContainerTrouble {
  const limit = limitBytes > 0 ? `, its limit is ${limitBytes} bytes` : '';
  return { failure: 'out-of-memory', detail: `the container ${name} was killed because memory ran out${limit}` };
}
