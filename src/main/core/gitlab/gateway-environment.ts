import { usedPlatforms } from '../../../shared/cloud-platforms.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { isWithin, parseGitlabVersion } from '../catalog/gitlab-version.ts';
import type { NamedKey } from '../files/upstream-key.ts';
import type { GatewayVariablesCatalog } from './eras-catalog.ts';
import { gatewayValue } from './gateway-value.ts';

/**
 * What a gateway is started with: `secrets` maps variables to the file of the site's secrets folder with the value, `keys` to where the site
 * file says that the credentials of a platform are.
 */
export interface GatewayEnvironment {
  env: Record<string, string>;
  secrets: Record<string, string>;
  keys: Record<string, NamedKey>;
}

/** Returns the variables that the gateway of the site's GitLab version needs, with the site's values. */
export function gatewayEnvironment(site: SiteFile, { needs, variables }: GatewayVariablesCatalog): GatewayEnvironment {
  const version = parseGitlabVersion(site.gitlab.version);
  const rows = variables.filter((row) => needs[row.need]?.isSet && isWithin(version, row) && isOfPlatform(row, site));
  const values = rows.flatMap(({ name, value = '' }) => {
    const filled = gatewayValue(value, site);
    return filled === undefined || filled === '' ? [] : [[name, filled]];
  });
  const secrets = rows.flatMap((row) => (row.secret ? [[row.name, row.secret]] : []));
  const keys = rows.flatMap(({ name, key }) => {
    const source = key && site.gateway.aws?.[key];
    return source ? [[name, { ...source, field: `gateway.aws.${key}` }]] : [];
  });
  return { env: Object.fromEntries(values), secrets: Object.fromEntries(secrets), keys: Object.fromEntries(keys) };
}

/** False for a variable of a platform on the internet that the site does not use. */
export function isOfPlatform({ platform }: { platform?: string | undefined }, site: SiteFile | undefined): boolean {
  return platform === undefined || !site || usedPlatforms(site).some(({ id }) => id === platform);
}
