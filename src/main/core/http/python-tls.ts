import { X509Certificate } from 'node:crypto';
import { DEFAULT_CIPHERS, type PeerCertificate } from 'node:tls';
import { addressFamily, bareHost } from './network-host.ts';

/**
 * TLS options with which Node accepts the certificates that the AI Gateway's Python accepts (requests with urllib3 2; recorded in
 * `test/fixtures/python-tls`): names only from the subject alternative name, and OpenSSL's security level 2.
 */
export const pythonTls = {
  minVersion: 'TLSv1.2' as const,
  ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=2`,
  checkServerIdentity: (host: string, { raw }: PeerCertificate): Error | undefined => {
    const problem = nameProblem(host, new X509Certificate(raw));
    return problem === undefined
      ? undefined
      : Object.assign(new Error(problem), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  },
};

/** Returns why a certificate is not valid for a host by the rules of Python's `urllib3`; undefined when it is. */
export function nameProblem(host: string, certificate: X509Certificate): string | undefined {
  const bare = bareHost(host).replace(/\.$/, '');
  const isValid = addressFamily(bare)
    ? certificate.checkIP(bare)
    : certificate.checkHost(bare, { subject: 'never', partialWildcards: false });
  if (isValid) return undefined;
  return certificate.subjectAltName === undefined
    ? 'it has no subject alternative name (SAN), and Python ignores the common name'
    : `it is not valid for ${bare}, only for ${certificate.subjectAltName}`;
}

// Tag, length and value of an extension's object identifier: too long to appear anywhere else by chance.
const has = ({ raw }: X509Certificate, hex: string) => raw.includes(Buffer.from(hex, 'hex'));
const authorityKeyIdentifier = '0603551d23';
const subjectKeyIdentifier = '0603551d0e';
const keyUsage = '0603551d0f';
const criticalBasicConstraints = '0603551d130101ff';

/**
 * Returns why Python 3.13 and later refuse a chain that 3.12 accepts (they set OpenSSL's `X509_STRICT`: RFC 5280 to the letter);
 * undefined when no such reason is found. The server's own certificate comes first.
 */
export function strictProblem(chain: X509Certificate[]): string | undefined {
  if (chain.length < 2) return undefined;
  for (const one of chain) {
    const isRoot = one.subject === one.issuer;
    const what =
      one === chain[0] ? 'the certificate' : `the authority's certificate (${one.subject.replaceAll('\n', ', ')})`;
    if (!isRoot && !has(one, authorityKeyIdentifier)) return `${what} has no authority key identifier`;
    if (!one.ca) continue;
    if (!has(one, subjectKeyIdentifier)) return `${what} has no subject key identifier`;
    if (!has(one, keyUsage)) return `${what} has no key usage`;
    if (!has(one, criticalBasicConstraints)) return `the basic constraints of ${what} are not critical`;
  }
  return undefined;
}
