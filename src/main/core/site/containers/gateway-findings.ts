import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { parseImageReference } from '../../../../shared/image-reference.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import {
  compareVersions,
  type GitlabVersion,
  gatewayTag,
  parseGitlabVersion,
  versionOfGatewayTag,
  versionText,
} from '../../catalog/gitlab-version.ts';
import { loopbackGateway } from '../../sites/loopback-gateway.ts';

/** Reports what the site file itself shows to be wrong with the gateway: its image's tag, and an address that GitLab refuses. */
export function gatewayFindings(site: SiteFile): Finding[] {
  return [...tagFindings(site), ...addressFindings(site)];
}

function tagFindings({ gateway, gitlab }: SiteFile): Finding[] {
  const version = parseGitlabVersion(gitlab.version);
  const tag = parseImageReference(gateway.image ?? '')?.tag;
  if (gateway.kind !== 'container' || tag === undefined) return [];
  const tagged = versionOfGatewayTag(tag);
  if (tagged && compareVersions(tagged, version) === 0) return [];
  const remedies: Finding['remedies'] = [
    steps(`Pack the newest image ${gatewayTag(version)}, import it, and set gateway.image in site.yaml.`),
  ];
  const about = { severity: 'amber' as const, howWeKnow: `gateway.image is ${gateway.image}`, remedies };
  if (tagged)
    return [
      {
        ...about,
        id: 'gateway.other-version',
        title: `The gateway image is for GitLab ${versionText(tagged)}, but the site runs GitLab ${versionText(version)}`,
        consequence: 'GitLab supports only a gateway with the same major and minor version.',
      },
    ];
  // Stand-ins and images under names of the site's own say nothing about a version either.
  return gitlab.simulated ? [] : [{ ...about, id: 'gateway.unknown-version', ...unknownVersion(tag, version) }];
}

function unknownVersion(tag: string, version: GitlabVersion): Pick<Finding, 'title' | 'consequence'> {
  if (tag === 'latest')
    return {
      title: "The gateway image's tag is latest, which names no version",
      consequence: 'It is the newest image of the day that it was pulled, perhaps for another GitLab than this.',
    };
  if (/^v\d+\.\d+\.\d+$/.test(tag))
    return {
      title: `The gateway image's tag ${tag} is the gateway's own version, from which Sealift cannot tell the GitLab version`,
      consequence:
        compareVersions(version, '17.2') < 0
          ? 'Check yourself that it was published with GitLab 17.1.'
          : 'Images with such a tag are not meant for self-hosting in this GitLab version.',
    };
  return {
    title: `The gateway image's tag ${tag} does not say for which GitLab version it is`,
    consequence:
      'GitLab supports only a gateway with the same major and minor version, which Sealift cannot check here.',
  };
}

function addressFindings(site: SiteFile): Finding[] {
  const found = loopbackGateway(site);
  if (!found) return [];
  return [
    {
      id: 'gateway.loopback',
      severity: 'amber',
      title: found.problem,
      consequence: 'GitLab takes it for an address of its own host, and rejects it in production.',
      remedies: [steps(found.advice)],
    },
  ];
}
