import type { SiteFile } from '../../../shared/site-file.ts';
import { isWithin, parseGitlabVersion } from '../catalog/gitlab-version.ts';
import type { GatewayVariablesCatalog } from './eras-catalog.ts';
import { gatewayValue } from './gateway-value.ts';

/** What a gateway is started with: `secrets` maps variables to the file of the site's secrets folder with the value. */
export interface GatewayEnvironment {
  env: Record<string, string>;
  secrets: Record<string, string>;
}

/** Returns the variables that the gateway of the site's GitLab version needs, with the site's values. */
export function gatewayEnvironment(site: SiteFile, { needs, variables }: GatewayVariablesCatalog): GatewayEnvironment {
  const version = parseGitlabVersion(site.gitlab.version);
  const rows = variables.filter((row) => needs[row.need]?.isSet && isWithin(version, row));
  const values = rows.flatMap(({ name, value = '' }) => {
    const filled = gatewayValue(value, site);
    return filled === undefined || filled === '' ? [] : [[name, filled]];
  });
  const secrets = rows.flatMap((row) => (row.secret ? [[row.name, row.secret]] : []));
  return { env: Object.fromEntries(values), secrets: Object.fromEntries(secrets) };
}
