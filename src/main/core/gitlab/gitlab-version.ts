import { appError } from '../../../shared/errors/app-error.ts';

/** A GitLab version; eras depend on major and minor only. */
export interface GitlabVersion {
  major: number;
  minor: number;
}

/** Reads `18.9`, `18.9.1` or `18.9.1-ee`; throws `input.invalid` for anything else. */
export function parseGitlabVersion(text: string): GitlabVersion {
  const parts = /^v?(\d{1,3})\.(\d{1,3})(\.\d{1,4})?(-[\w.]{1,20})?$/.exec(text);
  if (!parts)
    throw appError('input.invalid', {
      what: 'GitLab version',
      issues: [`"${text.slice(0, 40)}": write it as 18.9 or 18.9.1`],
    });
  return { major: Number(parts[1]), minor: Number(parts[2]) };
}

/** Negative when `a` is older than `b`, positive when newer, 0 when major and minor are the same. */
export function compareVersions(a: GitlabVersion, b: GitlabVersion): number {
  return a.major - b.major || a.minor - b.minor;
}

/** `18.9`. */
export function versionText(version: GitlabVersion): string {
  return `${version.major}.${version.minor}`;
}

/** True when the version lies between two `major.minor` texts, both included; a missing bound is open. */
export function isWithin(
  version: GitlabVersion,
  range: { from?: string | undefined; to?: string | undefined },
): boolean {
  const isOldEnough = !range.from || compareVersions(version, parseGitlabVersion(range.from)) >= 0;
  return isOldEnough && (!range.to || compareVersions(version, parseGitlabVersion(range.to)) <= 0);
}
