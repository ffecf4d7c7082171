import { join } from 'node:path';
import type { probe } from '../../../shared/contract/probe.ts';
import { deployed } from '../../../shared/contract/site.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { InsideAsk } from '../engine/ask-from-inside.ts';
import { siteEndpoints } from '../gitlab/site-endpoints.ts';
import { gitlabToken, readSiteSecret } from '../gitlab/site-secrets.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { askFromGateway } from '../site/containers/ask-from-gateway.ts';
import { deploymentFindings, fileFindings } from '../site/deployment-findings.ts';
import { lastDeployment } from '../site/deployment-record.ts';
import { readEvidence } from '../site/read-evidence.ts';
import { readSiteFile } from '../site/read-site-file.ts';
import { readServicePlan } from '../site/service/read-service-plan.ts';
import { type SitePaths, sitePaths } from '../site/site-paths.ts';
import { writeEvidence } from '../site/write-evidence.ts';
import { loadDiagnosis } from './diagnosis-catalog.ts';
import type { ProbeContext } from './hop.ts';
import { hops } from './hops.ts';
import { runProbe } from './run-probe.ts';

/** Implements the contract's area `probe`. */
export function probeHandlers(ports: CorePorts): AreaHandlers<typeof probe> {
  return {
    run: async (target, work) => {
      const { site } = await readSiteFile(target.siteFile);
      const paths = sitePaths(homePaths(ports.home).sites, site.name);
      const frontApiKey = await readSiteSecret(paths, 'frontApiKey');
      const gatewaySigningKey = await readSiteSecret(paths, 'gatewaySigning');
      const needsKey = site.gateway.kind === 'simulated';
      const missing = !frontApiKey ? 'front-api-key' : needsKey && !gatewaySigningKey ? 'aigw_signing.key' : undefined;
      if (missing || !frontApiKey)
        throw appError('probe.not-deployed', { site: site.name, siteFile: target.siteFile, missing: missing ?? '' });
      // Evidence that is broken stops no probe: the report refuses it, and says why.
      const evidence = await readEvidence(join(paths.evidence, 'deploy.json'), deployed).catch(() => null);
      const context: ProbeContext = {
        site,
        endpoints: siteEndpoints(site, await frontHost(paths)),
        simulatedParts: (evidence?.containers ?? []).filter((one) => one.simulated).map((one) => one.part),
        ...(site.gateway.kind === 'container' && {
          askFromGateway: (ask: InsideAsk) => askFromGateway(site, ask, work.signal),
        }),
        frontApiKey,
        gitlabToken: await gitlabToken(site, paths, target),
        ...(gatewaySigningKey && { gatewaySigningKey }),
        now: () => ports.now(),
        signal: work.signal,
      };
      const home = homePaths(ports.home);
      const findings = [
        ...deploymentFindings(site.name, await lastDeployment(home, site.name)),
        ...(await fileFindings(home, site.name, target.siteFile)),
      ];
      for (const one of findings) work.warn(one.title);
      const result = {
        ...(await runProbe(hops, context, await loadDiagnosis(ports.resources), work)),
        findings,
        ...(evidence && { deployedAt: evidence.deployedAt }),
      };
      await writeEvidence(paths, 'probe.json', result);
      return result;
    },
  };
}

/** Where the deployed front listens: for a gateway in a container that is not what the site file says. */
async function frontHost(paths: SitePaths): Promise<string | undefined> {
  const deployed = await readServicePlan(paths.servicePlan).catch(() => undefined);
  return deployed?.plan.parts.flatMap((part) => (part.kind === 'front' ? [part.host] : []))[0];
}
