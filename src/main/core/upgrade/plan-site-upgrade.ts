import type { upgrade } from '../../../shared/contract/upgrade.ts';
import { steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { gatewayTag, parseGitlabVersion } from '../catalog/gitlab-version.ts';
import { loadGatewayVariables } from '../gitlab/eras-catalog.ts';
import { gatewayEnvironment } from '../gitlab/gateway-environment.ts';
import type { CorePorts } from '../ports.ts';
import { showPlan } from '../site/deploy/deploy-site.ts';
import { fieldChanges } from '../site/status/deployment-findings.ts';
import { readSiteFile } from '../sites/read-site-file.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import { type Asked, upgradeTarget } from './upgrade-target.ts';

type PlannedUpgrade = OutputOf<typeof upgrade.plan>;
type Variables = PlannedUpgrade['variables'];

/** Shows what an upgrade of a deployed site would change, without changing anything. */
export async function planSiteUpgrade(ports: CorePorts, paths: SitePaths, asked: Asked): Promise<PlannedUpgrade> {
  const target = await upgradeTarget(ports.paths, paths, asked);
  const { site: before } = await readSiteFile(paths.siteFile);
  const variables = await changedVariables(ports.resources, before, target.site);
  const plan = await showPlan(ports, { path: target.siteFile, text: target.text });
  return {
    site: plan.site,
    simulated: plan.simulated,
    from: before.gitlab.version,
    to: target.site.gitlab.version,
    fields: fieldChanges(before, target.site),
    variables,
    steps: plan.steps.filter((one) => one.state !== 'exists'),
    findings: [...plan.findings, ...byHand(target.site, variables)],
  };
}

/** Compares what the gateway needs in the old and in the new GitLab version: the last step of GitLab's own page on upgrades. */
async function changedVariables(resources: string, before: SiteFile, after: SiteFile): Promise<Variables> {
  const catalog = await loadGatewayVariables(resources);
  const [old, wanted] = [before, after].map((site) => {
    const { env, secrets, keys } = gatewayEnvironment(site, catalog);
    const hidden = Object.keys({ ...secrets, ...keys });
    return new Map([...Object.entries(env), ...hidden.map((name) => [name, '[hidden]'] as const)]);
  });
  const names = [...new Set([...(old?.keys() ?? []), ...(wanted?.keys() ?? [])])];
  return names.flatMap((name) => {
    const [was, is] = [old?.get(name), wanted?.get(name)];
    if (was === is) return [];
    return [{ name, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }];
  });
}

/** Sealift can't upgrade a gateway that others run. */
function byHand({ gateway, gitlab }: SiteFile, variables: Variables): Finding[] {
  if (gateway.kind !== 'existing') return [];
  const changes = variables.map(({ name, after }) => (after === undefined ? `remove ${name}` : `set ${name}=${after}`));
  return [
    {
      id: 'upgrade.gateway-by-hand',
      severity: 'amber',
      title: 'Sealift does not run the gateway of this site, so it cannot upgrade it',
      consequence: 'GitLab supports only a gateway with the same major and minor version.',
      remedies: [
        steps(
          `Have it started from the newest image ${gatewayTag(parseGitlabVersion(gitlab.version))}.`,
          changes.length > 0
            ? `Have its environment changed: ${changes.join('; ')}.`
            : 'Its environment needs no change for this version.',
        ),
      ],
    },
  ];
}
