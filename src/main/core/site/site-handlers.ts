import type { site } from '../../../shared/contract/site.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { Work } from '../jobs/work.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
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
      const conditions = await Promise.all(names.map((one) => siteCondition(home.sites, one, ports.now())));
      return {
        sites: conditions.map((one) => one.site),
        parts: conditions.flatMap((one) => one.parts),
        findings: conditions.flatMap((one) => one.findings),
      };
    },
    stop: async ({ site: name }, work) => {
      work.step('stop', `Stop the service of ${name}`);
      return { site: name, wasRunning: await stopService(sitePaths(home.sites, await known(name)), name, work.signal) };
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
  if (!wasRunning) {
    work.step('service', `Start the service of ${name}`);
    await startService(ports, paths, name, work.signal);
  }
  for (const part of plan.parts) {
    work.step(part.name, `Wait for ${part.name}`);
    await waitForPart(paths, name, part.name, work);
  }
  return { wasRunning, parts: (await siteCondition(sites, name, ports.now())).parts };
}
