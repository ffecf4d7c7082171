import { join } from 'node:path';
import type { GitlabResult, gitlab } from '../../../shared/contract/gitlab.ts';
import { deployed } from '../../../shared/contract/site.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { parseGitlabVersion } from '../catalog/gitlab-version.ts';
import { loadModelCatalog } from '../catalog/load-model-catalog.ts';
import { refuseUnfit } from '../catalog/refuse-unfit.ts';
import { sha256Hex } from '../files/sha256.ts';
import type { CorePorts } from '../ports.ts';
import { gitlabToken, readSiteSecret } from '../sites/gitlab-token.ts';
import { openSite, takeSiteFile } from '../sites/open-site.ts';
import { readEvidence } from '../sites/read-evidence.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import { siteAuthorities } from '../sites/site-trust.ts';
import { keepEvidence, removeEvidence } from '../sites/write-evidence.ts';
import type { Work } from '../work.ts';
import { type ApplyParts, applySettings, checkSettings } from './apply-settings.ts';
import { chainFlows } from './chain-flows.ts';
import { changeRb } from './change-rb.ts';
import { loadEras, loadGatewayVariables } from './eras-catalog.ts';
import { GitlabClient } from './gitlab-client.ts';
import { planSettings } from './plan-settings.ts';
import { readPlatformKeys } from './platforms.ts';
import { refuseUnseen } from './step-states.ts';
import { undoSettings } from './undo-settings.ts';

interface Target {
  siteFile: string;
  token?: string | undefined;
  tokenFile?: string | undefined;
}

/** Implements the contract's area `gitlab`. */
export function gitlabHandlers(ports: CorePorts): AreaHandlers<typeof gitlab> {
  return {
    plan: async ({ siteFile, gitlab: version, gatewayUrl, installation }) => {
      const site = siteFile ? (await takeSiteFile(siteFile)).site : undefined;
      const text = version ?? site?.gitlab.version;
      if (!text)
        throw appError('usage.invalid', {
          problem: 'name a site file or a version with --gitlab',
          command: 'gitlab plan',
        });
      if (site) refuseUnfit(await loadModelCatalog(ports.resources), site, text);
      return planSettings(await loadEras(ports.resources), await loadGatewayVariables(ports.resources), {
        version: parseGitlabVersion(text),
        site,
        gatewayUrl,
        installation,
      });
    },
    apply: (target, work) => readBack(ports, target, work, applySettings),
    undo: ({ plan, ...target }, work) => undo(ports, target, plan, work),
    check: async ({ step, ...target }, work) => {
      if (step !== undefined) await refuseStep(ports, target.siteFile, step);
      return readBack(ports, target, work, checkSettings);
    },
    rb: (asked) => changeRb(ports, asked),
    flows: async ({ siteFile }) => ({ flows: chainFlows((await takeSiteFile(siteFile)).site) }),
  };
}

/** Records compared settings as evidence, even if someone set them by hand. */
async function readBack(
  ports: CorePorts,
  target: Target,
  work: Work,
  settle: (parts: ApplyParts) => Promise<GitlabResult>,
) {
  const { parts, paths, text } = await openTarget(ports, target, work);
  // Damaged evidence does not matter here: the report refuses it and says why.
  const deployment = await readEvidence(join(paths.evidence, 'deploy.json'), deployed).catch(() => null);
  const result = {
    ...(await settle(parts)),
    ...(deployment && { deployedAt: deployment.deployedAt }),
    siteFileSha256: sha256Hex(text),
  };
  const notKept = await keepEvidence(paths, 'gitlab.json', result);
  if (!notKept) return result;
  const { severity, title, consequence } = notKept;
  return { ...result, notes: [...result.notes, { severity, text: `${title} ${consequence}` }] };
}

async function undo(ports: CorePorts, target: Target, plan: boolean, work: Work) {
  const { site, paths } = await openSite(ports.paths.sites, target.siteFile);
  return undoSettings({
    site,
    catalog: await loadEras(ports.resources),
    client: await openClient(site, paths, target, work),
    work,
    now: ports.now(),
    recordFile: paths.gitlabBefore,
    plan,
    // The settings that were read back are no longer those of GitLab.
    beforeFirst: () => removeEvidence(paths, 'gitlab.json'),
  });
}

async function openClient(site: SiteFile, paths: SitePaths, target: Target, work: Work): Promise<GitlabClient> {
  return new GitlabClient({
    url: siteEndpoints(site).gitlabUrl,
    token: await gitlabToken(site, paths, target),
    ca: await siteAuthorities(site),
    signal: work.signal,
  });
}

async function openTarget(ports: CorePorts, target: Target, work: Work) {
  const { site, text, paths } = await openSite(ports.paths.sites, target.siteFile);
  refuseUnfit(await loadModelCatalog(ports.resources), site);
  const client = await openClient(site, paths, target, work);
  const apiToken = await readSiteSecret(paths, 'frontApiKey');
  if (!apiToken)
    throw appError('probe.not-deployed', { site: site.name, siteFile: target.siteFile, missing: 'front-api-key' });
  const catalog = await loadEras(ports.resources);
  const { siteFile } = target;
  const recordFile = paths.gitlabBefore;
  const keys = { apiToken, platformKeys: await readPlatformKeys(site) };
  const parts: ApplyParts = { site, siteFile, catalog, client, ...keys, work, now: ports.now(), recordFile };
  return { parts, paths, text };
}

/* Before a token is asked for, which such a step does not need. */
async function refuseStep(ports: CorePorts, siteFile: string, step: string): Promise<void> {
  const { site } = await takeSiteFile(siteFile);
  refuseUnseen({ site, siteFile, catalog: await loadEras(ports.resources) }, step);
}
