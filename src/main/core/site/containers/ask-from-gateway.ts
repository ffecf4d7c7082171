import type { SiteFile } from '../../../../shared/site-file.ts';
import { askFromInside, type InsideAnswer, type InsideAsk } from '../../engine/ask-from-inside.ts';
import { connectEngine, engineAddress } from '../../engine/connect-engine.ts';
import { siteContainers } from '../../engine/site-containers.ts';
import { siteMark } from '../../sites/engine-owner.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { type ContainerTrouble, containerTrouble, noContainer } from './container-trouble.ts';

/**
 * Makes a request from inside the gateway's container; returns what is wrong with it when it cannot ask. Throws when the engine
 * does not answer or refuses this user.
 */
export async function askFromGateway(
  paths: SitePaths,
  { engineHost }: SiteFile,
  ask: InsideAsk,
  signal: AbortSignal,
): Promise<InsideAnswer | ({ kind: 'trouble' } & ContainerTrouble)> {
  const engine = await connectEngine(engineAddress(engineHost));
  const gateway = (await siteContainers(engine, await siteMark(paths))).find((one) => one.part === 'gateway');
  if (!gateway) return { kind: 'trouble', ...noContainer("the gateway's container") };
  const trouble = containerTrouble(gateway);
  return trouble ? { kind: 'trouble', ...trouble } : askFromInside(engine, gateway.id, ask, signal);
}
