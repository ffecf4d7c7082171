import { steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { type GitlabVersion, parseGitlabVersion, versionText } from '../catalog/gitlab-version.ts';
import type { ErasCatalog } from './eras-catalog.ts';
import { findEra } from './find-era.ts';

/** Reports a GitLab version newer than the documents that the rules come from. Throws like `findEra`. */
export function versionFindings(catalog: ErasCatalog, asked: GitlabVersion | string): Finding[] {
  const version = typeof asked === 'string' ? parseGitlabVersion(asked) : asked;
  const { era, isNewerThanRead } = findEra(catalog, version);
  if (!isNewerThanRead) return [];
  return [
    {
      id: 'gitlab.newer-than-known',
      severity: 'amber',
      title: `GitLab ${versionText(version)} is newer than this Sealift knows (${catalog.newestRead})`,
      consequence: `The rules of ${era.id} are used. Settings, models and images may have changed since.`,
      remedies: [
        steps(
          'Bring a newer Sealift on the next media, if there is one.',
          'Otherwise compare each step with the documentation of your GitLab: sealift gitlab plan SITE.yaml',
        ),
      ],
      howWeKnow: `eras.yaml newestRead: ${catalog.newestRead}`,
    },
  ];
}
