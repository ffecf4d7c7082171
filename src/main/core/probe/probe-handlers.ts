import type { probe } from '../../../shared/contract/probe.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { InsideAsk } from '../engine/ask-from-inside.ts';
import { siteEndpoints } from '../gitlab/site-endpoints.ts';
import { gitlabToken, readSiteSecret } from '../gitlab/site-secrets.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { askFromGateway } from '../site/containers/ask-from-gateway.ts';
import { deploymentFindings, fileFindings } from '../site/deployment-findings.ts';
import { lastDeployment } from '../site/deployment-record.ts';
import { readSiteFile } from '../site/read-site-file.ts';
import { readServicePlan } from '../site/service/read-service-plan.ts';
import { type SitePaths, secretFiles, sitePaths } from '../site/site-paths.ts';
import { writeEvidence } from '../site/write-evidence.ts';
import { loadDiagnosis } from './diagnosis-catalog.ts';
import type { ProbeContext } from './hop.ts';
import { hops } from './hops.ts';
import { recordedStandIns } from './recorded-stand-ins.ts';
import { runProbe } from './run-probe.ts';

type Target = ParsedInputOf<typeof probe.run>;

/** Implements the contract's area `probe`. */
export function probeHandlers(ports: CorePorts): AreaHandlers<typeof probe> {
  const home = homePaths(ports.home);
  return {
    run: async (target, work) => {
      const { site } = await readSiteFile(target.siteFile);
      const paths = sitePaths(home.sites, site.name);
      const { simulatedParts, deployedAt, findings: doubts } = await recordedStandIns(site, target.siteFile, paths);
      const context: ProbeContext = {
        site,
        endpoints: siteEndpoints(site, await frontHost(paths)),
        simulatedParts,
        ...(site.gateway.kind === 'container' && {
          askFromGateway: (ask: InsideAsk) => askFromGateway(home.sites, site, ask, work.signal),
        }),
        ...(await secretsOf(site, paths, target)),
        now: () => ports.now(),
        signal: work.signal,
      };
      const findings = [
        ...deploymentFindings(site.name, await lastDeployment(home, site.name)),
        ...(await fileFindings(home, site.name, target.siteFile)),
        ...doubts,
      ];
      for (const one of findings) work.warn(one.title);
      const asked = await runProbe(hops, context, await loadDiagnosis(ports.resources), work);
      const result = { ...asked, findings, ...(deployedAt && { deployedAt }) };
      await writeEvidence(paths, 'probe.json', result);
      return result;
    },
  };
}

/** Throws `probe.not-deployed` when one is missing that deploy makes. */
async function secretsOf(
  site: SiteFile,
  paths: SitePaths,
  target: Target,
): Promise<Pick<ProbeContext, 'frontApiKey' | 'gitlabToken' | 'gatewaySigningKey'>> {
  const frontApiKey = await readSiteSecret(paths, 'frontApiKey');
  const gatewaySigningKey = await readSiteSecret(paths, 'gatewaySigning');
  const isMissing = (missing: string) =>
    appError('probe.not-deployed', { site: site.name, siteFile: target.siteFile, missing });
  if (!frontApiKey) throw isMissing(secretFiles.frontApiKey);
  if (site.gateway.kind === 'simulated' && !gatewaySigningKey) throw isMissing(secretFiles.gatewaySigning);
  const token = await gitlabToken(site, paths, target);
  return { frontApiKey, gitlabToken: token, ...(gatewaySigningKey && { gatewaySigningKey }) };
}

/** Where the deployed front listens: for a gateway in a container that is not what the site file says. */
async function frontHost(paths: SitePaths): Promise<string | undefined> {
  const deployed = await readServicePlan(paths.servicePlan).catch(() => undefined);
  return deployed?.plan.parts.flatMap((part) => (part.kind === 'front' ? [part.host] : []))[0];
}
