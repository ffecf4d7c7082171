import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { versionOfTag } from '../../gateway/gateway-container.ts';
import { compareVersions, isWithin, parseGitlabVersion, versionText } from '../../gitlab/gitlab-version.ts';

/** What a person should look at before the containers of a site are made; none of it forbids to make them. */
export function containerFindings(site: SiteFile, engine: Pick<Engine, 'info'>): Finding[] {
  return [...gatewayFindings(site), ...limitFindings(site, engine)];
}

function gatewayFindings({ gateway, gitlab }: SiteFile): Finding[] {
  if (gateway.kind !== 'container') return [];
  const findings: Finding[] = [];
  const version = parseGitlabVersion(gitlab.version);
  const tagged = versionOfTag(gateway.image ?? '');
  if (tagged && compareVersions(tagged, version) !== 0)
    findings.push({
      id: 'gateway.other-version',
      severity: 'amber',
      title: `The gateway's image is for GitLab ${versionText(tagged)}, the site's GitLab is ${versionText(version)}`,
      consequence: 'GitLab supports only a gateway of its own major and minor version.',
      howWeKnow: `gateway.image is ${gateway.image}`,
      remedies: [
        steps(
          `Pack the image self-hosted-v${versionText(version)}.Z-ee with the newest Z, import it, name it in site.yaml.`,
        ),
      ],
    });
  if (isWithin(version, { from: '17.2', to: '17.3' }))
    findings.push({
      id: 'gateway.no-authentication',
      severity: 'amber',
      title: `The gateway of GitLab ${versionText(version)} answers anyone who reaches it`,
      consequence: 'GitLab documented this version with authentication switched off (AIGW_AUTH__BYPASS_EXTERNAL).',
      remedies: [
        steps(
          `Let only GitLab's address reach port ${gateway.httpPort}, for example: sudo iptables -I DOCKER-USER -p tcp --dport 5052 ! -s GITLAB-ADDRESS -j DROP`,
          'Better: upgrade GitLab to 17.4 or later.',
        ),
      ],
    });
  return findings;
}

function limitFindings({ gateway, model }: SiteFile, { info }: Pick<Engine, 'info'>): Finding[] {
  const hasLimit = gateway.memoryGiB !== undefined || model.memoryGiB !== undefined;
  if (!hasLimit || info.MemoryLimit !== false) return [];
  return [
    {
      id: 'engine.no-memory-limit',
      severity: 'amber',
      title: 'This engine cannot limit the memory of containers',
      consequence: 'memoryGiB in site.yaml has no effect.',
      howWeKnow: 'docker info: WARNING: No memory limit support',
      remedies: [steps('Boot Linux with cgroup_enable=memory, or leave the limits out of site.yaml.')],
    },
  ];
}
