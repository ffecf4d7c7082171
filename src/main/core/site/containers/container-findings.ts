import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { modelSites } from '../../../../shared/model-sites.ts';
import { shellWord } from '../../../../shared/shell-word.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { isWithin, parseGitlabVersion, versionText } from '../../catalog/gitlab-version.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { memoryLimit, memoryLimitSteps } from '../../engine/memory-limit.ts';
import { gatewayLogFile } from './log-folder.ts';

/** Lists what to look at before the containers of a site are created; none of it blocks the deployment. */
export function containerFindings(site: SiteFile, engine: Pick<Engine, 'info'>): Finding[] {
  return [...openGatewayFindings(site), ...logFindings(site), ...limitFindings(site, engine)];
}

function logFindings({ name, gateway: { kind, logFolder } }: SiteFile): Finding[] {
  if (kind !== 'container' || logFolder === undefined) return [];
  const path = gatewayLogFile(logFolder);
  const rule = `${shellWord(path)} { weekly rotate 8 maxsize 100M copytruncate compress missingok }`;
  return [
    {
      id: 'gateway.log-grows',
      severity: 'amber',
      title: `Nothing rotates the gateway's log ${path}: it grows until its disk is full`,
      consequence: `The gateway keeps the file open, so a rotation must copy and truncate it. sealift logs and trace read this file, not rotated ones.`,
      remedies: [
        steps(
          `With logrotate, write this to /etc/logrotate.d/sealift-${name}, each setting on a line of its own: ${rule}`,
          'Or have your log collector read the file, and truncate it. It may contain prompts and code if GitLab logs them.',
          `With SELinux, let containers write there: sudo chcon -Rt container_file_t ${shellWord(logFolder)}`,
        ),
      ],
    },
  ];
}

function openGatewayFindings({ gateway, gitlab }: SiteFile): Finding[] {
  const version = parseGitlabVersion(gitlab.version);
  if (gateway.kind !== 'container' || !isWithin(version, { from: '17.2', to: '17.3' })) return [];
  return [
    {
      id: 'gateway.no-authentication',
      severity: 'amber',
      title: `The gateway of GitLab ${versionText(version)} answers anyone who can reach it`,
      consequence: 'GitLab documents this version with authentication turned off (AIGW_AUTH__BYPASS_EXTERNAL).',
      remedies: [
        steps(
          `Allow only GitLab's address to reach port ${gateway.httpPort}: sealift gitlab plan SITE.yaml has a step with the rules.`,
          'Better: upgrade GitLab to 17.4 or later.',
        ),
      ],
    },
  ];
}

function limitFindings(site: SiteFile, engine: Pick<Engine, 'info'>): Finding[] {
  const limit = memoryLimit(engine);
  const parts = [site.gateway, ...modelSites(site).map(({ model }) => model)];
  const isAsked = parts.some(({ memoryGiB }) => memoryGiB !== undefined);
  if (!isAsked || limit === 'yes') return [];
  const { MemoryLimit: can, CgroupVersion: version = '?' } = engine.info;
  return [
    {
      id: 'engine.no-memory-limit',
      severity: 'amber',
      title: 'This engine cannot limit container memory',
      consequence: 'memoryGiB in site.yaml has no effect.',
      howWeKnow: `docker info: MemoryLimit ${can}, cgroup v${version}${limit === 'kernel-support' ? '' : ', rootless'}`,
      remedies: [steps(memoryLimitSteps[limit], 'Or remove the limits from site.yaml.')],
    },
  ];
}
