import { appError } from '../../../shared/errors/app-error.ts';
import { compareVersions, type GitlabVersion, isWithin, versionText } from '../catalog/gitlab-version.ts';
import type { Era, ErasCatalog } from './eras-catalog.ts';

/** The era of a version. `isNewerThanRead`: the version is newer than the documents that the rules come from. */
export interface FoundEra {
  era: Era;
  isNewerThanRead: boolean;
}

/**
 * Returns the era whose rules apply to a GitLab version; the last era covers all later versions.
 * Throws `gitlab.version-unsupported` for versions before the first era, `gitlab.version-unreal` for a minor that was never released.
 */
export function findEra(catalog: ErasCatalog, version: GitlabVersion): FoundEra {
  const text = versionText(version);
  const last = catalog.lastMinorOfMajor.find((one) => one.major === version.major && version.minor > one.minor);
  if (last) throw appError('gitlab.version-unreal', { version: text, last: `${last.major}.${last.minor}` });
  const era = catalog.eras.find((one) => isWithin(version, one));
  if (!era) throw appError('gitlab.version-unsupported', { version: text, oldest: catalog.eras[0]?.from ?? '17.1' });
  return { era, isNewerThanRead: compareVersions(version, catalog.newestRead) > 0 };
}
