import { join } from 'node:path';
import { type probe, probeResult } from '../../../shared/contract/probe.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { deploymentFindings, fileFindings } from '../site/status/deployment-findings.ts';
import { resolveSite } from '../sites/deployed-sites.ts';
import { lastDeployment } from '../sites/deployment-record.ts';
import { namedModel } from '../sites/named-model.ts';
import { openSite } from '../sites/open-site.ts';
import { readEvidence } from '../sites/read-evidence.ts';
import { readSiteFile } from '../sites/read-site-file.ts';
import { askModel } from './ask-model.ts';
import { diagnoseGiven } from './diagnose-given.ts';
import { loadDiagnosis } from './diagnosis-catalog.ts';
import { diagnosisOf } from './diagnosis-of.ts';
import { frontAccess } from './front-access.ts';
import { gatewayScript } from './gateway-script.ts';
import { probeSite } from './probe-site.ts';
import { traceRequest } from './trace-request.ts';

/** Implements the contract's area `probe`. */
export function probeHandlers(ports: CorePorts): AreaHandlers<typeof probe> {
  const home = ports.paths;
  return {
    run: async (target, work) => {
      const { site, paths } = await openSite(home.sites, target.siteFile);
      const doubts = [
        ...deploymentFindings(site.name, await lastDeployment(paths, home.lock)),
        ...(await fileFindings(paths, target.siteFile)),
      ];
      return probeSite(ports, target, doubts, work);
    },
    lastDiagnosis: async ({ siteFile }) => {
      const { site, paths } = await openSite(home.sites, siteFile);
      const last = await readEvidence(join(paths.evidence, 'probe.json'), probeResult);
      if (!last) throw appError('probe.none', { site: site.name, siteFile });
      return diagnosisOf(last);
    },
    ask: async function* ({ site: name, question, model, maxTokens }, { signal }) {
      const paths = await resolveSite(home.sites, { site: name });
      const { site } = await readSiteFile(paths.siteFile);
      const front = await frontAccess(site, paths.siteFile, paths);
      yield* askModel({ ...front, servedName: namedModel(site, model).model.servedName, question, maxTokens, signal });
    },
    trace: async ({ site, correlationId, gitlabLogs }, { signal }) =>
      traceRequest(await resolveSite(home.sites, { site }), correlationId, gitlabLogs, signal),
    gatewayScript: ({ siteFile }, work) => gatewayScript(ports, siteFile, work),
    diagnose: async (given) => diagnoseGiven(given, await loadDiagnosis(ports.resources)),
  };
}
