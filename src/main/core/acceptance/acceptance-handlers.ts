import { join } from 'node:path';
import { type AcceptanceResult, type acceptance, acceptanceResult } from '../../../shared/contract/acceptance.ts';
import { deployed } from '../../../shared/contract/site.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { timeText } from '../../../shared/time-text.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { frontAccess } from '../probe/front-access.ts';
import { recordedStandIns } from '../probe/recorded-stand-ins.ts';
import { deploymentFindings, fileFindings } from '../site/status/deployment-findings.ts';
import { lastDeployment } from '../sites/deployment-record.ts';
import { modelsBehindFront } from '../sites/named-model.ts';
import { openSite } from '../sites/open-site.ts';
import { readEvidence } from '../sites/read-evidence.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import { keepEvidence } from '../sites/write-evidence.ts';
import type { Work } from '../work.ts';
import { loadAcceptance } from './acceptance-catalog.ts';
import { acceptanceFindings } from './acceptance-findings.ts';
import { compareRuns } from './compare-runs.ts';
import { runAcceptance } from './run-acceptance.ts';
import { servedModels, simulatedModel } from './served-model.ts';

/** Implements the contract's area `acceptance`. */
export function acceptanceHandlers(ports: CorePorts): AreaHandlers<typeof acceptance> {
  const home = ports.paths;
  return {
    run: async ({ siteFile }, work) => {
      const { site, paths } = await openSite(home.sites, siteFile);
      const access = { ...(await frontAccess(site, siteFile, paths)), signal: work.signal };
      const asked = modelsBehindFront(site).map(({ features, model }) => ({ features, front: { ...access, model } }));
      const catalog = await loadAcceptance(ports.resources);
      const { simulatedParts, deployedAt, findings } = await recordedStandIns(site, siteFile, paths);
      const doubts = [
        ...deploymentFindings(site.name, await lastDeployment(paths, home.lock)),
        ...(await fileFindings(paths, siteFile)),
        ...findings,
      ];
      for (const one of doubts) work.warn(one.title);
      const about = await whatAnswers(site, paths, simulatedParts);
      if (about.simulated) work.warn(`SIMULATED: ${about.simulated}`);
      const measured = await runAcceptance(asked, catalog, work);
      const run = { site: site.name, at: ports.now().toISOString(), ...about, ...measured };
      const before = await runBefore(paths, work);
      const compared = { ...run, ...(before && { comparison: compareRuns(before, run) }) };
      const result: AcceptanceResult = {
        ...compared,
        ...(deployedAt && { deployedAt }),
        findings: [...doubts, ...acceptanceFindings(compared)],
      };
      const notKept = await record(paths, before, result, work);
      return notKept ? { ...result, findings: [...result.findings, notKept] } : result;
    },
  };
}

async function whatAnswers(
  site: SiteFile,
  { evidence }: SitePaths,
  simulatedParts: string[],
): Promise<Pick<AcceptanceResult, 'served' | 'models' | 'simulated'>> {
  // A broken record is among the doubts already.
  const deploy = await readEvidence(join(evidence, 'deploy.json'), deployed).catch(() => null);
  const simulated = await simulatedModel(simulatedParts, deploy);
  return { ...servedModels(site, deploy), ...(simulated !== undefined && { simulated }) };
}

/** A run with gaps does not take the place of one without: it says less, and its gaps are no measure for later runs. */
async function record(
  paths: SitePaths,
  before: AcceptanceResult | null,
  run: AcceptanceResult,
  work: Work,
): Promise<Finding | undefined> {
  const hasGaps = ({ features }: AcceptanceResult) => features.some((one) => one.unanswered);
  if (before && !hasGaps(before) && hasGaps(run)) {
    work.warn(`This run is not recorded, because it has gaps: the one of ${timeText(before.at)} stays.`);
    return undefined;
  }
  return keepEvidence(paths, 'acceptance.json', run);
}

/** The run before; one that cannot be read is said and then replaced. */
async function runBefore({ evidence }: SitePaths, work: Work): Promise<AcceptanceResult | null> {
  return readEvidence(join(evidence, 'acceptance.json'), acceptanceResult).catch((error: Error) => {
    work.warn(`The run before cannot be compared: ${error.message}`);
    return null;
  });
}
