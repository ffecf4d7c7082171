import type { SiteFile } from '../../../shared/site-file.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';

/**
 * Returns a text of `gateway-variables.yaml` with the site's values: `{{gitlabUrl}}`, or `{{gateway.<field>}}` for a field of the site
 * file's `gateway`. Undefined when the site file lacks that field: the variable is then not set.
 */
export function gatewayValue(text: string, site: SiteFile): string | undefined {
  const fields = Object.entries(site.gateway).map(([name, value]) => [`gateway.${name}`, String(value)] as const);
  const values = new Map([['gitlabUrl', siteEndpoints(site).gitlabUrl], ...fields]);
  const names = [...text.matchAll(placeholder)].map(([, name = '']) => name);
  if (!names.every((name) => values.has(name))) return undefined;
  return text.replace(placeholder, (_, name: string) => values.get(name) ?? '');
}

const placeholder = /\{\{([\w.]+)\}\}/g;
