import { compareVersions, type GitlabVersion, versionText } from '../catalog/gitlab-version.ts';
import type { ErasCatalog } from './eras-catalog.ts';

/** A version at which an upgrade of GitLab must stop. `only`: the installations that must; absent: all. */
export interface UpgradeStop {
  version: string;
  only?: string | undefined;
}

/** Returns the stops between two versions, both excluded, in order. */
export function upgradeStops(
  { upgradeStops: { stops, regularFrom, regularMinors }, lastMinorOfMajor }: ErasCatalog,
  from: GitlabVersion,
  to: GitlabVersion,
): UpgradeStop[] {
  const regular: UpgradeStop[] = [];
  for (let major = from.major; major <= to.major; major += 1) {
    const last = lastMinorOfMajor.find((one) => one.major === major)?.minor ?? Number.POSITIVE_INFINITY;
    for (const minor of regularMinors) if (minor <= last) regular.push({ version: versionText({ major, minor }) });
  }
  return [...stops, ...regular.filter(({ version }) => compareVersions(version, regularFrom) >= 0)].filter(
    ({ version }) => compareVersions(version, from) > 0 && compareVersions(version, to) < 0,
  );
}
