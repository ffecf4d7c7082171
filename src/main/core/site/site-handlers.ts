import type { site } from '../../../shared/contract/site.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { pathExists } from '../files/path-exists.ts';
import { watchChanges } from '../jobs/watch-changes.ts';
import type { CorePorts } from '../ports.ts';
import { readServicePlan } from '../serving/parts/read-service-plan.ts';
import { deployedSites, resolveSite } from '../sites/deployed-sites.ts';
import { lastDeployment } from '../sites/deployment-record.ts';
import { readSiteFile } from '../sites/read-site-file.ts';
import { rotateGatewayKeys } from '../sites/rotate-gateway-keys.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import type { Work } from '../work.ts';
import { startContainers, stopContainers } from './containers/control-containers.ts';
import { deployedContainerPlan } from './containers/site-plan.ts';
import { deploySite, showPlan } from './deploy/deploy-site.ts';
import { planRemoval, uninstallSite } from './deploy/uninstall-site.ts';
import { reloadService, startService, stopService, waitForPart } from './service/control-service.ts';
import { serviceFacts } from './service/service-facts.ts';
import type { ServiceStatus } from './status/service-status.ts';
import { siteLogs } from './status/site-logs.ts';
import { readSiteStatus } from './status/site-status.ts';
import { standingFindings } from './status/standing-findings.ts';

/** A service writes its state each 2 s. */
const lookEveryMs = 2000;

/** Implements the contract's area `site`. */
export function siteHandlers(ports: CorePorts): AreaHandlers<typeof site> {
  const home = ports.paths;
  const known = (name: string) => resolveSite(home.sites, { site: name });
  const status = async ({ site: name, siteFile }: { site?: string | undefined; siteFile?: string | undefined }) => {
    const sites = name === undefined ? await deployedSites(home.sites) : [await known(name)];
    const conditions = await Promise.all(sites.map((one) => readSiteStatus(ports, one, siteFile)));
    return {
      sites: conditions.map((one) => one.site),
      parts: conditions.flatMap((one) => one.parts),
      findings: conditions.flatMap(({ site, findings }) => findings.map((one) => ({ ...one, site: site.name }))),
    };
  };
  return {
    plan: ({ siteFile }) => showPlan(ports, { path: siteFile }),
    deploy: ({ siteFile }, work) => deploySite(ports, { path: siteFile }, work),
    resolve: async (asked) => ({ site: (await resolveSite(home.sites, asked)).name }),
    status,
    standing: async ({ secretFiles }) => ({ findings: await standingFindings(home, secretFiles, ports.now()) }),
    watch: (query, { signal }) => watchChanges(() => status(query), lookEveryMs, signal),
    stop: async ({ site: name }, work) => {
      const paths = await known(name);
      // The service first: it restarts containers that hang.
      work.step('stop', `Stop the service of ${name}`);
      const hadService = await stopService(paths, name, work.signal);
      const { state } = await serviceFacts(paths);
      const { modelRestartSince: since, modelRestartPart: part } = state ?? {};
      const hadContainers = await stopContainers(paths, work, since === undefined ? undefined : { since, part });
      return { site: name, wasRunning: hadService || hadContainers };
    },
    start: async ({ site: name }, work) => ({ site: name, ...(await start(ports, await known(name), work)) }),
    logs: async function* (query, { signal }) {
      yield* siteLogs(await known(query.site), query, signal);
    },
    rotateGatewayKeys: async ({ site: name, dropOldKeys }) => {
      const paths = await known(name);
      // First: what cannot be read must not hide that the keys changed.
      const { siteFile = null } = (await lastDeployment(paths, home.lock)) ?? {};
      const gateway = (await pathExists(paths.siteFile))
        ? (await readSiteFile(paths.siteFile)).site.gateway.kind
        : null;
      const keys = await rotateGatewayKeys(paths, { now: ports.now(), dropOldKeys });
      return { keys, siteFile, gateway };
    },
    removal: async ({ site: name, ...keep }) => planRemoval(home, await known(name), keep),
    uninstall: async ({ site: name, ...keep }, work) => uninstallSite(home, await known(name), keep, work),
  };
}

async function start(
  ports: CorePorts,
  paths: SitePaths,
  work: Work,
): Promise<{ wasRunning: boolean; parts: ServiceStatus['parts'] }> {
  const { name } = paths;
  const last = await lastDeployment(paths, ports.paths.lock);
  const deploy = last?.resume;
  if (last?.state === 'interrupted' && deploy)
    throw appError('site.deploy-interrupted', { site: name, command: deploy });
  const wasRunning = (await serviceFacts(paths)).process !== undefined;
  const { plan } = await readServicePlan(paths.servicePlan, deploy);
  const containers = await deployedContainerPlan(ports, paths);
  const gateway = containers?.gateway ? [containers.gateway] : [];
  const isGatewayFirst = containers?.engine.bridges === 'while-running';
  const early = isGatewayFirst ? gateway : [];
  if (containers) await startContainers(containers, [...containers.models, ...early], { paths, work });
  work.step('service', `Start the service of ${name}`);
  // A running one starts again what it gave up and what does not answer.
  await (wasRunning ? reloadService : startService)(ports, paths, name, work.signal);
  for (const part of plan.parts) {
    work.step(part.name, `Wait for ${part.name}`);
    await waitForPart(paths, name, part.name, work);
  }
  if (containers && !isGatewayFirst) await startContainers(containers, gateway, { paths, work });
  return { wasRunning, parts: (await readSiteStatus(ports, paths)).parts };
}
