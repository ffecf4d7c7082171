import type { SiteFile } from '../../../shared/site-file.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';

/** Where the gateway's container finds the files that the site file names. Nothing of the image is there. */
export const gatewayFiles = {
  caBundle: '/etc/sealift/ca-certificates.crt',
  tlsCertificate: '/etc/sealift/tls.crt',
  tlsKey: '/etc/sealift/tls.key',
  googleCredentials: '/etc/sealift/google-credentials.json',
  log: '/var/log/sealift/gateway.log',
};

/**
 * Returns a text of `gateway-variables.yaml` with the site's values: `{{gitlabUrl}}`, `{{gateway.<field>}}` for a field of the site
 * file's `gateway`, also of its groups as in `{{gateway.aws.region}}`, `{{caBundle}}` for a site with a `caFile`, `{{hasTls}}`,
 * `{{tlsCertificate}}`, `{{tlsKey}}` for one with `gateway.tls`, `{{googleCredentials}}` for one with `gateway.google.credentialsFile`, and
 * `{{logFile}}` for one with `gateway.logFolder`. Undefined when the site file lacks that field: the variable is then not set.
 */
export function gatewayValue(text: string, site: SiteFile): string | undefined {
  const { aws, google, ...plain } = site.gateway;
  const fields = [
    ...fieldsOf('gateway', plain),
    ...fieldsOf('gateway.aws', aws ?? {}),
    ...fieldsOf('gateway.google', google ?? {}),
  ];
  const { caBundle, tlsCertificate, tlsKey, googleCredentials, log } = gatewayFiles;
  const values = new Map(
    Object.entries({
      gitlabUrl: siteEndpoints(site).gitlabUrl,
      ...Object.fromEntries(fields),
      ...(site.caFile !== undefined && { caBundle }),
      ...(site.gateway.tls && { hasTls: 'true', tlsCertificate, tlsKey }),
      ...(google?.credentialsFile && { googleCredentials }),
      ...(plain.logFolder && { logFile: log }),
    }),
  );
  const names = [...text.matchAll(placeholder)].map(([, name = '']) => name);
  if (!names.every((name) => values.has(name))) return undefined;
  return text.replace(placeholder, (_, name: string) => values.get(name) ?? '');
}

function fieldsOf(group: string, values: object): [string, string][] {
  return Object.entries(values).map(([name, value]) => [`${group}.${name}`, String(value)]);
}

const placeholder = /\{\{([\w.]+)\}\}/g;
