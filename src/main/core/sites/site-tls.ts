import { createPrivateKey, type KeyObject } from 'node:crypto';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { readNamed } from '../files/read-bounded.ts';
import { nameProblem } from '../http/python-tls.ts';
import { readCertificates } from './site-trust.ts';

const limitBytes = 64 * 1024;

/**
 * Returns the gateway's own certificate with its chain, and its private key, both PEM; undefined for a site without `gateway.tls`. Throws
 * `site.certificate-file` when they do not belong together or the certificate is not valid for `gateway.host`, and file errors.
 */
export async function gatewayTls({ gateway }: SiteFile): Promise<{ certificate: string; key: string } | undefined> {
  if (!gateway.tls) return undefined;
  const { certFile, keyFile } = gateway.tls;
  const chain = await readCertificates(certFile, "The gateway's certificate");
  const problem = chain[0] && nameProblem(gateway.host, chain[0]);
  if (problem) throw appError('site.certificate-file', { path: certFile, problem });
  const key = (await readNamed(keyFile, limitBytes, "The gateway's private key")).toString('utf8');
  if (!chain[0]?.checkPrivateKey(privateKey(key, keyFile)))
    throw appError('site.certificate-file', {
      path: keyFile,
      problem: `it is not the key of the certificate in ${certFile}`,
    });
  return { certificate: `${chain.map((one) => one.toString().trim()).join('\n')}\n`, key };
}

function privateKey(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (error) {
    const problem = 'it is not a private key in PEM form without a passphrase';
    throw appError('site.certificate-file', { path, problem }, error);
  }
}
