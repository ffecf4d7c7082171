import { join } from 'node:path';
import type { gitlab } from '../../../shared/contract/gitlab.ts';
import { deployed } from '../../../shared/contract/site.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { Work } from '../jobs/work.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { readEvidence } from '../site/read-evidence.ts';
import { readSiteFile } from '../site/read-site-file.ts';
import { sitePaths } from '../site/site-paths.ts';
import { writeEvidence } from '../site/write-evidence.ts';
import { type ApplyParts, applySettings, checkSettings } from './apply-settings.ts';
import { loadEras, loadGatewayVariables } from './eras-catalog.ts';
import { GitlabClient } from './gitlab-client.ts';
import { parseGitlabVersion } from './gitlab-version.ts';
import { planSettings } from './plan-settings.ts';
import { siteEndpoints } from './site-endpoints.ts';
import { gitlabToken, readSiteSecret } from './site-secrets.ts';

interface Target {
  siteFile: string;
  token?: string | undefined;
  tokenFile?: string | undefined;
}

/** Implements the contract's area `gitlab`. */
export function gitlabHandlers(ports: CorePorts): AreaHandlers<typeof gitlab> {
  return {
    plan: async ({ siteFile, gitlab: version, gatewayUrl }) => {
      const site = siteFile ? (await readSiteFile(siteFile)).site : undefined;
      const text = version ?? site?.gitlab.version;
      if (!text)
        throw appError('usage.invalid', {
          problem: 'name a site file or a version with --gitlab',
          command: 'gitlab plan',
        });
      return planSettings(await loadEras(ports.resources), await loadGatewayVariables(ports.resources), {
        version: parseGitlabVersion(text),
        site,
        gatewayUrl,
      });
    },
    apply: (target, work) => readBack(ports, target, work, applySettings),
    check: (target, work) => readBack(ports, target, work, checkSettings),
  };
}

/** Settings that somebody set by hand are evidence too, once they were compared. */
async function readBack(ports: CorePorts, target: Target, work: Work, settle: typeof applySettings) {
  const { parts, paths } = await openTarget(ports, target, work);
  // Evidence that is broken stops nothing here: the report refuses it, and says why.
  const deployment = await readEvidence(join(paths.evidence, 'deploy.json'), deployed).catch(() => null);
  const result = { ...(await settle(parts)), ...(deployment && { deployedAt: deployment.deployedAt }) };
  await writeEvidence(paths, 'gitlab.json', result);
  return result;
}

async function openTarget(ports: CorePorts, target: Target, work: Work) {
  const { site } = await readSiteFile(target.siteFile);
  const paths = sitePaths(homePaths(ports.home).sites, site.name);
  const token = await gitlabToken(site, paths, target);
  const apiToken = await readSiteSecret(paths, 'frontApiKey');
  if (!apiToken)
    throw appError('probe.not-deployed', { site: site.name, siteFile: target.siteFile, missing: 'front-api-key' });
  const client = new GitlabClient({ url: siteEndpoints(site).gitlabUrl, token, signal: work.signal });
  const catalog = await loadEras(ports.resources);
  const parts: ApplyParts = { site, siteFile: target.siteFile, catalog, client, apiToken, work, now: ports.now() };
  return { parts, paths };
}
