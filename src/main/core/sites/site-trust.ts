import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { readNamed } from '../files/read-bounded.ts';

const limitBytes = 1024 * 1024;

/**
 * Returns what a site trusts, as one PEM text: the public authorities that Node knows and those in the site's `caFile`. Undefined for a site
 * without one. Throws `site.certificate-file`, and file errors.
 */
export async function siteAuthorities({ caFile }: Pick<SiteFile, 'caFile'>): Promise<string | undefined> {
  if (caFile === undefined) return undefined;
  const own = await readCertificates(caFile, 'The file of the certificate authorities (caFile)');
  return `${[...rootCertificates, ...own.map((one) => one.toString().trim())].join('\n')}\n`;
}

/** Returns the certificates of a PEM file, in its order. Throws `site.certificate-file` when there is none or one is damaged. */
export async function readCertificates(path: string, what: string): Promise<X509Certificate[]> {
  const text = (await readNamed(path, limitBytes, what)).toString('utf8');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0)
    throw appError('site.certificate-file', { path, problem: 'it has no certificate in PEM form' });
  return blocks.map((block, at) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw appError('site.certificate-file', { path, problem: `its certificate ${at + 1} cannot be read` }, error);
    }
  });
}
