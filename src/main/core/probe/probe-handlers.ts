import { join } from 'node:path';
import { type probe, probeResult } from '../../../shared/contract/probe.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { parseGitlabVersion } from '../catalog/gitlab-version.ts';
import type { InsideAsk } from '../engine/ask-from-inside.ts';
import { sha256Hex } from '../files/sha256.ts';
import { loadEras } from '../gitlab/eras-catalog.ts';
import { findEra } from '../gitlab/find-era.ts';
import type { CorePorts } from '../ports.ts';
import { askFromGateway } from '../site/containers/ask-from-gateway.ts';
import { gatewayFindings } from '../site/containers/gateway-findings.ts';
import { deploymentFindings, fileFindings } from '../site/status/deployment-findings.ts';
import { resolveSite } from '../sites/deployed-sites.ts';
import { lastDeployment } from '../sites/deployment-record.ts';
import { gitlabTokenIfGiven, readSiteSecret } from '../sites/gitlab-token.ts';
import { openSite } from '../sites/open-site.ts';
import { readEvidence } from '../sites/read-evidence.ts';
import { readSiteFile } from '../sites/read-site-file.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';
import { type SitePaths, secretFiles } from '../sites/site-paths.ts';
import { siteAuthorities } from '../sites/site-trust.ts';
import { writeEvidence } from '../sites/write-evidence.ts';
import { askModel } from './ask-model.ts';
import { diagnoseGiven } from './diagnose-given.ts';
import { loadDiagnosis } from './diagnosis-catalog.ts';
import { diagnosisOf } from './diagnosis-of.ts';
import { frontAccess, frontHost } from './front-access.ts';
import type { ProbeContext } from './hop.ts';
import { hops } from './hops.ts';
import { recordedStandIns } from './recorded-stand-ins.ts';
import { runProbe } from './run-probe.ts';
import { traceRequest } from './trace-request.ts';

type Target = ParsedInputOf<typeof probe.run>;

/** Implements the contract's area `probe`. */
export function probeHandlers(ports: CorePorts): AreaHandlers<typeof probe> {
  const home = ports.paths;
  return {
    run: async (target, work) => {
      const { site, text, paths } = await openSite(home.sites, target.siteFile);
      const { simulatedParts, deployedAt, findings: doubts } = await recordedStandIns(site, target.siteFile, paths);
      const context: ProbeContext = {
        site,
        endpoints: siteEndpoints(site, await frontHost(paths)),
        simulatedParts,
        canApply: findEra(await loadEras(ports.resources), parseGitlabVersion(site.gitlab.version)).era.canApply,
        ...(site.gateway.kind === 'container' && {
          askFromGateway: (ask: InsideAsk) => askFromGateway(paths, site, ask, work.signal),
        }),
        ...(await secretsOf(site, paths, target)),
        ca: await siteAuthorities(site),
        now: () => ports.now(),
        signal: work.signal,
      };
      const findings = [
        ...deploymentFindings(site.name, await lastDeployment(paths, home.lock)),
        ...(await fileFindings(paths, target.siteFile)),
        ...doubts,
        ...gatewayFindings(site),
      ];
      for (const one of findings) work.warn(one.title);
      const asked = await runProbe(hops, context, await loadDiagnosis(ports.resources), work);
      const result = {
        ...asked,
        findings: [...findings, ...(asked.findings ?? [])],
        ...(deployedAt && { deployedAt }),
        siteFileSha256: sha256Hex(text),
      };
      await writeEvidence(paths, 'probe.json', result);
      return result;
    },
    lastDiagnosis: async ({ siteFile }) => {
      const { site, paths } = await openSite(home.sites, siteFile);
      const last = await readEvidence(join(paths.evidence, 'probe.json'), probeResult);
      if (!last) throw appError('probe.none', { site: site.name, siteFile });
      return diagnosisOf(last);
    },
    ask: async function* ({ site: name, question, maxTokens }, { signal }) {
      const paths = await resolveSite(home.sites, { site: name });
      const { site } = await readSiteFile(paths.siteFile);
      const front = await frontAccess(site, paths.siteFile, paths);
      yield* askModel({ ...front, servedName: site.model.servedName, question, maxTokens, signal });
    },
    trace: async ({ site, correlationId, gitlabLogs }, { signal }) =>
      traceRequest(await resolveSite(home.sites, { site }), correlationId, gitlabLogs, signal),
    diagnose: async (given) => diagnoseGiven(given, await loadDiagnosis(ports.resources)),
  };
}

/** Reads the site's secrets. Throws `probe.not-deployed` when one that deploy creates is missing. */
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
  const token = await gitlabTokenIfGiven(site, paths, target);
  if (site.gitlab.simulated && !token) throw isMissing(secretFiles.simulatedGitlabToken);
  return { frontApiKey, ...(token && { gitlabToken: token }), ...(gatewaySigningKey && { gatewaySigningKey }) };
}
