import type { site } from '../../../shared/contract/site.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { Work } from '../jobs/work.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { containerCondition } from './containers/container-status.ts';
import { startContainers, stopContainers } from './containers/control-containers.ts';
import { deployedContainerPlan } from './containers/site-plan.ts';
import { startService, stopService, waitForPart } from './control-service.ts';
import { deploySite, showPlan } from './deploy-site.ts';
import { deployedSites, resolveSite } from './deployed-sites.ts';
import { readServicePlan } from './service/read-service-plan.ts';
import { serviceFacts } from './service-facts.ts';
import { siteLogs } from './site-logs.ts';
import { sitePaths } from './site-paths.ts';
import { type SiteCondition, siteCondition } from './site-status.ts';
import { planRemoval, uninstallSite } from './uninstall-site.ts';

/** Implements the contract's area `site`. */
export function siteHandlers(ports: CorePorts): AreaHandlers<typeof site> {
  const home = homePaths(ports.home);
  const known = (name: string) => resolveSite(home.sites, { site: name });
  return {
    plan: ({ siteFile }) => showPlan(ports, siteFile),
    deploy: ({ siteFile }, work) => deploySite(ports, siteFile, work),
    resolve: async (asked) => ({ site: await resolveSite(home.sites, asked) }),
    status: async ({ site: name }) => {
      const names = name === undefined ? await deployedSites(home.sites) : [await known(name)];
      const conditions = await Promise.all(names.map((one) => wholeCondition(ports, one)));
      return {
        sites: conditions.map((one) => one.site),
        parts: conditions.flatMap((one) => one.parts),
        findings: conditions.flatMap((one) => one.findings),
      };
    },
    stop: async ({ site: name }, work) => {
      const paths = sitePaths(home.sites, await known(name));
      const hadContainers = await stopContainers(home.sites, name, work);
      work.step('stop', `Stop the service of ${name}`);
      const hadService = await stopService(paths, name, work.signal);
      return { site: name, wasRunning: hadService || hadContainers };
    },
    start: async ({ site: name }, work) => ({ site: name, ...(await start(ports, await known(name), work)) }),
    logs: (query, { signal }) => siteLogs(home.sites, query, signal),
    removal: async ({ site: name, keepWeights }) => planRemoval(home, await known(name), keepWeights),
    uninstall: async ({ site: name, keepWeights }, work) => uninstallSite(home, await known(name), keepWeights, work),
  };
}

async function start(
  ports: CorePorts,
  name: string,
  work: Work,
): Promise<{ wasRunning: boolean; parts: SiteCondition['parts'] }> {
  const { sites } = homePaths(ports.home);
  const paths = sitePaths(sites, name);
  const wasRunning = (await serviceFacts(paths)).process !== undefined;
  const { plan } = await readServicePlan(paths.servicePlan);
  const containers = await deployedContainerPlan(ports, name);
  if (containers) await startContainers(containers, containers.models, { paths, work });
  if (!wasRunning) {
    work.step('service', `Start the service of ${name}`);
    await startService(ports, paths, name, work.signal);
  }
  for (const part of plan.parts) {
    work.step(part.name, `Wait for ${part.name}`);
    await waitForPart(paths, name, part.name, work);
  }
  if (containers?.gateway) await startContainers(containers, [containers.gateway], { paths, work });
  return { wasRunning, parts: (await wholeCondition(ports, name)).parts };
}

/** A site's service and its containers together. */
async function wholeCondition(ports: CorePorts, name: string): Promise<SiteCondition> {
  const { sites } = homePaths(ports.home);
  const [service, containers] = await Promise.all([
    siteCondition(sites, name, ports.now()),
    containerCondition(ports, name),
  ]);
  const simulated = service.site.simulated || containers.parts.some((one) => one.simulated);
  return {
    site: { ...service.site, simulated },
    parts: [...service.parts, ...containers.parts],
    findings: [...service.findings, ...containers.findings],
  };
}
