import type { site } from '../../../shared/contract/site.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { watchChanges } from '../jobs/watch-changes.ts';
import type { Work } from '../jobs/work.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { startContainers, stopContainers } from './containers/control-containers.ts';
import { deployedContainerPlan } from './containers/site-plan.ts';
import { reloadService, startService, stopService, waitForPart } from './control-service.ts';
import { deploySite, showPlan } from './deploy-site.ts';
import { deployedSites, resolveSite } from './deployed-sites.ts';
import { deployCommand, lastDeployment } from './deployment-record.ts';
import { readServicePlan } from './service/read-service-plan.ts';
import { serviceFacts } from './service-facts.ts';
import { siteLogs } from './site-logs.ts';
import { sitePaths } from './site-paths.ts';
import type { SiteCondition } from './site-status.ts';
import { planRemoval, uninstallSite } from './uninstall-site.ts';
import { wholeCondition } from './whole-condition.ts';

/** A service writes its state each 2 s. */
const lookEveryMs = 2000;

/** Implements the contract's area `site`. */
export function siteHandlers(ports: CorePorts): AreaHandlers<typeof site> {
  const home = homePaths(ports.home);
  const known = (name: string) => resolveSite(home.sites, { site: name });
  const status = async ({ site: name, siteFile }: { site?: string | undefined; siteFile?: string | undefined }) => {
    const names = name === undefined ? await deployedSites(home.sites) : [await known(name)];
    const conditions = await Promise.all(names.map((one) => wholeCondition(ports, one, siteFile)));
    return {
      sites: conditions.map((one) => one.site),
      parts: conditions.flatMap((one) => one.parts),
      findings: conditions.flatMap(({ site, findings }) => findings.map((one) => ({ ...one, site: site.name }))),
    };
  };
  return {
    plan: ({ siteFile }) => showPlan(ports, siteFile),
    deploy: ({ siteFile }, work) => deploySite(ports, siteFile, work),
    resolve: async (asked) => ({ site: await resolveSite(home.sites, asked) }),
    status,
    watch: (query, { signal }) => watchChanges(() => status(query), lookEveryMs, signal),
    stop: async ({ site: name }, work) => {
      const paths = sitePaths(home.sites, await known(name));
      const hadContainers = await stopContainers(home.sites, name, work);
      work.step('stop', `Stop the service of ${name}`);
      const hadService = await stopService(paths, name, work.signal);
      return { site: name, wasRunning: hadService || hadContainers };
    },
    start: async ({ site: name }, work) => ({ site: name, ...(await start(ports, await known(name), work)) }),
    logs: (query, { signal }) => siteLogs(home.sites, query, signal),
    removal: async ({ site: name, ...keep }) => planRemoval(home, await known(name), keep),
    uninstall: async ({ site: name, ...keep }, work) => uninstallSite(home, await known(name), keep, work),
  };
}

async function start(
  ports: CorePorts,
  name: string,
  work: Work,
): Promise<{ wasRunning: boolean; parts: SiteCondition['parts'] }> {
  const home = homePaths(ports.home);
  const paths = sitePaths(home.sites, name);
  const last = await lastDeployment(home, name);
  const deploy = last && deployCommand(last.siteFile);
  if (last?.state === 'interrupted' && deploy)
    throw appError('site.deploy-interrupted', { site: name, command: deploy });
  const wasRunning = (await serviceFacts(paths)).process !== undefined;
  const { plan } = await readServicePlan(paths.servicePlan, deploy);
  const containers = await deployedContainerPlan(ports, name);
  if (containers) await startContainers(containers, containers.models, { paths, work });
  work.step('service', `Start the service of ${name}`);
  // A running one starts again what it gave up and what does not answer.
  await (wasRunning ? reloadService : startService)(ports, paths, name, work.signal);
  for (const part of plan.parts) {
    work.step(part.name, `Wait for ${part.name}`);
    await waitForPart(paths, name, part.name, work);
  }
  if (containers?.gateway) await startContainers(containers, [containers.gateway], { paths, work });
  return { wasRunning, parts: (await wholeCondition(ports, name)).parts };
}
