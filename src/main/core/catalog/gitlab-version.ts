import { appError } from '../../../shared/errors/app-error.ts';

/** A GitLab version; what Sealift decides by it depends on major and minor only. */
export interface GitlabVersion {
  major: number;
  minor: number;
}

/** Reads `18.9`, `v18.9.1` or `18.9.1-ee`. Throws `input.invalid` for anything else. */
export function parseGitlabVersion(text: string): GitlabVersion {
  const parts = /^v?(\d{1,3})\.(\d{1,3})(?:\.\d{1,3})?(?:-[a-z0-9.]{1,20})?$/i.exec(text);
  if (!parts)
    throw appError('input.invalid', {
      what: 'GitLab version',
      issues: [`"${text.slice(0, 40)}": enter a version such as 18.9 or 18.9.1`],
    });
  return { major: Number(parts[1]), minor: Number(parts[2]) };
}

/** Returns the GitLab version in the tag of a gateway's image (`self-hosted-v18.9.1-ee`, older: `gitlab-v17.3.0`), if any. */
export function versionOfGatewayTag(tag: string): GitlabVersion | undefined {
  const version = /^(?:self-hosted-v|gitlab-v?)(\d{2}\.\d{1,2}\.\d{1,3}(?:-ee)?)$/.exec(tag)?.[1];
  return version === undefined ? undefined : parseGitlabVersion(version);
}

/** Returns the tag of the gateway's images for a GitLab version, with Z for the patch. In 17.1 tags did not follow GitLab's versions yet. */
export function gatewayTag(version: GitlabVersion): string {
  if (compareVersions(version, '17.2') < 0) return 'vA.B.C of the months of GitLab 17.1';
  return compareVersions(version, '17.4') < 0
    ? `gitlab-v${versionText(version)}.Z`
    : `self-hosted-v${versionText(version)}.Z-ee`;
}

/** Negative when `a` is older than `b`, positive when newer, 0 when major and minor are the same. Texts are parsed first. */
export function compareVersions(a: GitlabVersion | string, b: GitlabVersion | string): number {
  const one = typeof a === 'string' ? parseGitlabVersion(a) : a;
  const other = typeof b === 'string' ? parseGitlabVersion(b) : b;
  return one.major - other.major || one.minor - other.minor;
}

/** Returns the `18.9` that a text such as `18.9.1-pre` starts with; undefined for other texts. */
export function minorOf(text: string): string | undefined {
  return /^\d{1,3}\.\d{1,3}(?!\d)/.exec(text)?.[0];
}

/** Returns `18.9`. */
export function versionText(version: GitlabVersion): string {
  return `${version.major}.${version.minor}`;
}

/** True when the version is between two `major.minor` texts, both included; a missing bound is open. */
export function isWithin(
  version: GitlabVersion,
  range: { from?: string | undefined; to?: string | undefined },
): boolean {
  const isOldEnough = !range.from || compareVersions(version, range.from) >= 0;
  return isOldEnough && (!range.to || compareVersions(version, range.to) <= 0);
}

/** True when that version of the gateway has the gRPC service of the Agent Platform. */
export function hasAgentService(version: GitlabVersion): boolean {
  return isWithin(version, { from: '18.4' });
}
