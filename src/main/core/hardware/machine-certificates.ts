import { readFile } from 'node:fs/promises';
import * as tls from 'node:tls';

/* Debian and Ubuntu; RHEL and its kin; SUSE; Alpine and macOS. */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * Returns the certificates that this system trusts, as PEM: the distribution's bundle, or what a newer Node reads from the system.
 * Undefined if neither can be read. Node's built-in list does not count.
 */
export async function machineCertificates(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  for (const path of [...(env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : []), ...bundles]) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  }
  // Node 22.15 and later.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'system') => string[] };
  const system = getCACertificates?.('system') ?? [];
  return system.length > 0 ? system.join('\n') : undefined;
}
