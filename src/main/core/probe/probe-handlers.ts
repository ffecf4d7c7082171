import type { probe } from '../../../shared/contract/probe.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { siteEndpoints } from '../gitlab/site-endpoints.ts';
import { gitlabToken, readSiteSecret } from '../gitlab/site-secrets.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { readSiteFile } from '../site/read-site-file.ts';
import { sitePaths } from '../site/site-paths.ts';
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
      const context: ProbeContext = {
        site,
        endpoints: siteEndpoints(site),
        frontApiKey,
        gitlabToken: await gitlabToken(site, paths, target),
        ...(gatewaySigningKey && { gatewaySigningKey }),
        now: () => ports.now(),
        signal: work.signal,
      };
      const result = await runProbe(hops, context, await loadDiagnosis(ports.resources), work);
      await writeEvidence(paths, 'probe.json', result);
      return result;
    },
  };
}
