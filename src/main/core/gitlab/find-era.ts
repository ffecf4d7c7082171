import { appError } from '../../../shared/errors/app-error.ts';
import type { Era, ErasCatalog } from './eras-catalog.ts';
import { compareVersions, type GitlabVersion, isWithin, parseGitlabVersion, versionText } from './gitlab-version.ts';

/** The era of a version; `isNewerThanRead` when the version came after the documents that the rules were taken from. */
export interface FoundEra {
  era: Era;
  isNewerThanRead: boolean;
}

/**
 * The era whose rules hold for a GitLab version; the last one for all later versions.
 * Throws `gitlab.version-unsupported` before the first, `gitlab.version-unreal` for a minor that was never released.
 */
export function findEra(catalog: ErasCatalog, version: GitlabVersion): FoundEra {
  const text = versionText(version);
  const last = catalog.lastMinorOfMajor.find((one) => one.major === version.major && version.minor > one.minor);
  if (last) throw appError('gitlab.version-unreal', { version: text, last: `${last.major}.${last.minor}` });
  const era = catalog.eras.find((one) => isWithin(version, one));
  if (!era) throw appError('gitlab.version-unsupported', { version: text, oldest: catalog.eras[0]?.from ?? '17.1' });
  return { era, isNewerThanRead: compareVersions(version, parseGitlabVersion(catalog.newestRead)) > 0 };
}
