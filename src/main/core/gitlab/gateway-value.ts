import type { SiteFile } from '../../../shared/site-file.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';

/** Where the gateway's container finds the files that the site file names. Nothing of the image is there. */
export const gatewayFiles = {
  caBundle: '/etc/sealift/ca-certificates.crt',
  tlsCertificate: '/etc/sealift/tls.crt',
  tlsKey: '/etc/sealift/tls.key',
};

/**
 * Returns a text of `gateway-variables.yaml` with the site's values: `{{gitlabUrl}}`, `{{gateway.<field>}}` for a field of the site
 * file's `gateway`, `{{caBundle}}` for a site with a `caFile`, and `{{hasTls}}`, `{{tlsCertificate}}`, `{{tlsKey}}` for one with
 * `gateway.tls`. Undefined when the site file lacks that field: the variable is then not set.
 */
export function gatewayValue(text: string, site: SiteFile): string | undefined {
  const fields = Object.entries(site.gateway).map(([name, value]) => [`gateway.${name}`, String(value)] as const);
  const { caBundle, tlsCertificate, tlsKey } = gatewayFiles;
  const values = new Map(
    Object.entries({
      gitlabUrl: siteEndpoints(site).gitlabUrl,
      ...Object.fromEntries(fields),
      ...(site.caFile !== undefined && { caBundle }),
      ...(site.gateway.tls && { hasTls: 'true', tlsCertificate, tlsKey }),
    }),
  );
  const names = [...text.matchAll(placeholder)].map(([, name = '']) => name);
  if (!names.every((name) => values.has(name))) return undefined;
  return text.replace(placeholder, (_, name: string) => values.get(name) ?? '');
}

const placeholder = /\{\{([\w.]+)\}\}/g;
