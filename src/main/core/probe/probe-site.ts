import type { ProbeResult, probe } from '../../../shared/contract/probe.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Finding } from '../../../shared/finding.ts';
import { modelSites } from '../../../shared/model-sites.ts';
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { parseGitlabVersion } from '../catalog/gitlab-version.ts';
import type { InsideAsk } from '../engine/ask-from-inside.ts';
import { sha256Hex } from '../files/sha256.ts';
import { loadEras } from '../gitlab/eras-catalog.ts';
import { findEra } from '../gitlab/find-era.ts';
import { readablePlatformKeys } from '../gitlab/platforms.ts';
import type { CorePorts } from '../ports.ts';
import { askFromGateway } from '../site/containers/ask-from-gateway.ts';
import { modelTrouble } from '../site/containers/container-trouble.ts';
import { gatewayFindings } from '../site/containers/gateway-findings.ts';
import { hasModelContainer } from '../sites/container-rules.ts';
import { gitlabTokenIfGiven, readSiteSecret } from '../sites/gitlab-token.ts';
import { openSite } from '../sites/open-site.ts';
import { outsideFindings } from '../sites/outside-findings.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';
import { type SitePaths, secretFiles } from '../sites/site-paths.ts';
import { siteAuthorities } from '../sites/site-trust.ts';
import { keepEvidence } from '../sites/write-evidence.ts';
import type { Work } from '../work.ts';
import { loadDiagnosis } from './diagnosis-catalog.ts';
import { frontHost } from './front-access.ts';
import type { ProbeContext } from './hop.ts';
import { hops } from './hops.ts';
import { recordedStandIns } from './recorded-stand-ins.ts';
import { runProbe } from './run-probe.ts';

type Target = ParsedInputOf<typeof probe.run>;

/**
 * Probes a deployed site as its site file says, and keeps the result as `evidence/probe.json`. `doubts` are reasons to doubt what it finds.
 * Throws `probe.not-deployed`.
 */
export async function probeSite(ports: CorePorts, target: Target, doubts: Finding[], work: Work): Promise<ProbeResult> {
  const { site, text, paths } = await openSite(ports.paths.sites, target.siteFile);
  const { simulatedParts, deployedAt, findings: unrecorded } = await recordedStandIns(site, target.siteFile, paths);
  const [of] = modelSites(site);
  if (!of) throw new Error('a checked site file has a model');
  const context: ProbeContext = {
    site,
    of,
    endpoints: siteEndpoints(site, await frontHost(paths)),
    simulatedParts,
    canApply: findEra(await loadEras(ports.resources), parseGitlabVersion(site.gitlab.version)).era.canApply,
    ...(site.gateway.kind === 'container' && {
      askFromGateway: (ask: InsideAsk) => askFromGateway(paths, site, ask, work.signal),
    }),
    modelTrouble: async (one) => (hasModelContainer(one) ? modelTrouble(paths, one) : undefined),
    ...(await secretsOf(site, paths, target)),
    platformKeys: await readablePlatformKeys(site),
    ca: await siteAuthorities(site),
    now: () => ports.now(),
    signal: work.signal,
  };
  const findings = [...doubts, ...unrecorded, ...gatewayFindings(site), ...outsideFindings(site)];
  for (const one of findings) work.warn(one.title);
  const asked = await runProbe(hops, context, await loadDiagnosis(ports.resources), work);
  const result = {
    ...asked,
    findings: [...findings, ...(asked.findings ?? [])],
    ...(deployedAt && { deployedAt }),
    siteFileSha256: sha256Hex(text),
  };
  const notKept = await keepEvidence(paths, 'probe.json', result);
  if (!notKept) return result;
  work.warn(notKept.title);
  return { ...result, findings: [...result.findings, notKept] };
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
