import type { SiteFile } from '../../../../shared/site-file.ts';
import { askFromInside, type InsideAnswer, type InsideAsk } from '../../engine/ask-from-inside.ts';
import { connectEngine, engineAddress } from '../../engine/connect-engine.ts';
import { siteContainers } from '../../engine/site-containers.ts';
import { siteMark } from '../../sites/engine-owner.ts';
import type { SitePaths } from '../../sites/site-paths.ts';

/**
 * Makes a request from inside the gateway's container; returns `not-running` when that is not running. Throws when the engine
 * does not answer or refuses this user.
 */
export async function askFromGateway(
  paths: SitePaths,
  { engineHost }: SiteFile,
  ask: InsideAsk,
  signal: AbortSignal,
): Promise<InsideAnswer | { kind: 'not-running'; detail: string }> {
  const engine = await connectEngine(engineAddress(engineHost));
  const gateway = (await siteContainers(engine, await siteMark(paths))).find((one) => one.part === 'gateway');
  if (gateway?.status === 'running') return askFromInside(engine, gateway.id, ask, signal);
  return {
    kind: 'not-running',
    detail: gateway ? `the container ${gateway.name} is ${gateway.status}` : "the gateway's container does not exist",
  };
}
