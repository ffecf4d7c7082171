import { loadDiagnosis } from '../../src/main/core/probe/diagnosis-catalog.ts';
import type { ProbeContext } from '../../src/main/core/probe/hop.ts';
import { hops } from '../../src/main/core/probe/hops.ts';
import { runProbe } from '../../src/main/core/probe/run-probe.ts';
import { siteEndpoints } from '../../src/main/core/sites/site-endpoints.ts';
import { quietWork, type Work } from '../../src/main/core/work.ts';
import type { ProbeResult } from '../../src/shared/contract/probe.ts';
import { modelSites } from '../../src/shared/model-sites.ts';
import { resources, type SiteStage } from './site-stage.ts';

/** Probes a stage as the command does; `change` alters what the probe knows before it starts. */
export async function probeStage(
  stage: SiteStage,
  change: Partial<ProbeContext> = {},
  signal: AbortSignal = new AbortController().signal,
  work: Work = quietWork(signal),
): Promise<ProbeResult> {
  const site = change.site ?? stage.site;
  const [of] = modelSites(site);
  if (!of) throw new Error('the stage has a model');
  const context: ProbeContext = {
    site,
    of,
    endpoints: siteEndpoints(site),
    frontApiKey: stage.apiKey,
    gitlabToken: stage.adminToken,
    simulatedParts: [],
    canApply: true,
    gatewaySigningKey: stage.signingKey,
    now: () => new Date(),
    signal,
    ...change,
  };
  return runProbe(hops, context, await loadDiagnosis(resources), work);
}
