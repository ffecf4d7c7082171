import { type CloudPlatform, cloudOf, usedPlatforms } from '../../../shared/cloud-platforms.ts';
import type { GitlabPlan } from '../../../shared/contract/gitlab.ts';
import { modelSites } from '../../../shared/model-sites.ts';
import type { KeySource, SiteFile } from '../../../shared/site-file.ts';
import { compareVersions, type GitlabVersion, versionText } from '../catalog/gitlab-version.ts';
import { readUpstreamKey } from '../files/upstream-key.ts';
import { outsideFindings } from '../sites/outside-findings.ts';
import type { ErasCatalog } from './eras-catalog.ts';

/** Returns the platforms of a site that the documentation of a version does not list yet, each with the first one that does. */
export function unlistedPlatforms(
  { platforms }: ErasCatalog,
  site: SiteFile,
  version: GitlabVersion,
): { platform: string; since: string }[] {
  return usedPlatforms(site).flatMap(({ id, title }) =>
    platforms
      .filter((row) => row.id === id && compareVersions(version, row.since) < 0)
      .map(({ since }) => ({ platform: title, since })),
  );
}

/** Returns the notes of a plan about the platforms of a site: what leaves the network, and what is different in GitLab. */
export function platformNotes(catalog: ErasCatalog, site: SiteFile, version: GitlabVersion): GitlabPlan['notes'] {
  const unlisted = unlistedPlatforms(catalog, site, version).map(({ platform, since }) => ({
    id: 'platform-too-new',
    severity: 'red' as const,
    text: `The documentation of GitLab ${versionText(version)} does not list ${platform}: ${since} is the first known to. Choose another platform or upgrade.`,
    source: 'eras.yaml platforms',
  }));
  const outside = outsideFindings(site).map(({ title, consequence }) => ({
    id: 'leaves-network',
    severity: 'amber' as const,
    text: `${title}. ${consequence}`,
    source: 'the site file',
  }));
  return [...unlisted, ...outside, ...usedPlatforms(site).flatMap((one) => aboutPlatform(catalog, one))];
}

function aboutPlatform({ platforms }: ErasCatalog, { id, title }: CloudPlatform): GitlabPlan['notes'] {
  const rows = platforms.filter((row) => row.id === id);
  return rows.map(({ note, source }) => ({ id: 'platform', severity: 'green', text: `${title}: ${note}`, source }));
}

/** Reads the keys that GitLab sends to platforms, by the model's served name. Throws as `readUpstreamKey` does. */
export async function readPlatformKeys(site: SiteFile): Promise<Record<string, string>> {
  const keys = await Promise.all(platformKeys(site).map(async ([name, key]) => [name, await readUpstreamKey(key)]));
  return Object.fromEntries(keys);
}

/** As `readPlatformKeys`, without the keys that cannot be read here. */
export async function readablePlatformKeys(site: SiteFile): Promise<Record<string, string>> {
  const keys = await Promise.all(
    platformKeys(site).map(async ([name, key]) => [name, await readUpstreamKey(key).catch(() => undefined)]),
  );
  return Object.fromEntries(keys.filter(([, key]) => key !== undefined));
}

function platformKeys(site: SiteFile): [servedName: string, key: KeySource][] {
  return modelSites(site).flatMap(({ model }) =>
    cloudOf(model) && model.endpointKey ? [[model.servedName, model.endpointKey]] : [],
  );
}
