import type { SiteFile } from '../../../../shared/site-file.ts';
import { askFromInside, type InsideAnswer, type InsideAsk } from '../../engine/ask-from-inside.ts';
import { connectEngine, engineAddress } from '../../engine/connect-engine.ts';
import { siteContainers } from '../../engine/site-containers.ts';
import { siteMark } from '../engine-owner.ts';

/**
 * Asks from inside the container of a site's gateway; `not-running` when that does not run. Throws when the engine does not answer
 * or does not let this user in.
 */
export async function askFromGateway(
  sites: string,
  site: SiteFile,
  ask: InsideAsk,
  signal: AbortSignal,
): Promise<InsideAnswer | { kind: 'not-running'; detail: string }> {
  const engine = await connectEngine(engineAddress(site.engineHost));
  const gateway = (await siteContainers(engine, await siteMark(sites, site.name))).find(
    (one) => one.part === 'gateway',
  );
  if (gateway?.status === 'running') return askFromInside(engine, gateway.id, ask, signal);
  return {
    kind: 'not-running',
    detail: gateway ? `the container ${gateway.name} is ${gateway.status}` : "the gateway's container is not there",
  };
}
