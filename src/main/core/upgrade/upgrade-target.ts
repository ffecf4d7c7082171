import { appError } from '../../../shared/errors/app-error.ts';
import { fullReference, parseImageReference } from '../../../shared/image-reference.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import {
  compareVersions,
  gatewayTag,
  parseGitlabVersion,
  versionOfGatewayTag,
  versionText,
} from '../catalog/gitlab-version.ts';
import { parseYaml } from '../files/parse-yaml.ts';
import { requireName } from '../sites/deployed-sites.ts';
import { lastDeployment } from '../sites/deployment-record.ts';
import { takeSiteFile } from '../sites/open-site.ts';
import type { ReadSiteFile } from '../sites/read-site-file.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import { readImports } from '../store/read-imports.ts';

/** The state that an upgrade leads to. `fileBefore` is the site file's text where the upgrade changes it. */
export interface UpgradeTarget extends ReadSiteFile {
  siteFile: string;
  fileBefore?: string;
}

/** Where the new state comes from: a site file, a GitLab version, or both. */
export interface Asked {
  siteFile?: string | undefined;
  gitlab?: string | undefined;
}

/**
 * Returns the new state of a site: the site file that it was deployed from (or `siteFile`), with the GitLab version that is asked for and
 * the newest imported gateway image for it. Comments in the file stay. Throws as `takeSiteFile`, `site.other-name`,
 * and `upgrade.no-gateway-image`.
 */
export async function upgradeTarget(
  { store, lock }: { store: string; lock: string },
  paths: SitePaths,
  asked: Asked,
): Promise<UpgradeTarget> {
  const siteFile = asked.siteFile ?? (await lastDeployment(paths, lock))?.siteFile ?? paths.siteFile;
  const read = await takeSiteFile(siteFile);
  requireName(read.site.name, { siteFile, asked: paths.name });
  if (asked.gitlab === undefined || asked.gitlab === read.site.gitlab.version) return { siteFile, ...read };
  const image = await gatewayImage(store, read.site, asked.gitlab);
  const text = withValues(read.text, [
    [['gitlab', 'version'], asked.gitlab],
    ...(image === undefined ? [] : [[['gateway', 'image'], image] as const]),
  ]);
  return { siteFile, ...(await takeSiteFile(siteFile, text)), fileBefore: read.text };
}

/** Returns a site file's text with other values of some fields; everything else in it stays as it is. */
export function withValues(
  text: string,
  values: readonly (readonly [path: readonly string[], value: string])[],
): string {
  const parsed = parseYaml(text);
  if (!parsed.isYaml) throw new Error('a site file that was read is YAML');
  const { document } = parsed;
  for (const [path, value] of values) document.setIn(path, value);
  return document.toString({ lineWidth: 0 });
}

/** The newest imported gateway image for a version, of the same repository; undefined for a gateway that is not a container. */
async function gatewayImage(store: string, { name, gateway }: SiteFile, gitlab: string): Promise<string | undefined> {
  if (gateway.kind !== 'container' || gateway.image === undefined) return undefined;
  const version = parseGitlabVersion(gitlab);
  const own = parseImageReference(gateway.image);
  if (!own || isFor(own.tag, gitlab)) return undefined;
  const images = (await readImports(store)).flatMap((record) => record.images.map((one) => one.reference));
  const same = images.filter((one) => fullReference(parseImageReference(one)?.name ?? '') === fullReference(own.name));
  const fitting = same.filter((one) => isFor(parseImageReference(one)?.tag, gitlab));
  const [newest] = fitting.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  if (newest !== undefined) return newest;
  throw appError('upgrade.no-gateway-image', {
    site: name,
    gitlab: versionText(version),
    image: own.name,
    tag: gatewayTag(version),
    known: [...new Set(same)].slice(0, 10),
  });
}

function isFor(tag: string | undefined, gitlab: string): boolean {
  const version = tag === undefined ? undefined : versionOfGatewayTag(tag);
  return version !== undefined && compareVersions(version, gitlab) === 0;
}
