import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { machineCertificates } from '../hardware/machine-certificates.ts';

/* Parsing some hundred certificates takes longer than a handshake. */
const made = new Map<string, Promise<SecureContext>>();

/** Returns what a connection to the outside trusts: Node's list, the certificates of this machine, and the given ones (PEM). */
export function trustedBy(ca = ''): Promise<SecureContext> {
  const context = made.get(ca) ?? contextOf(ca);
  made.set(ca, context);
  return context;
}

async function contextOf(ca: string): Promise<SecureContext> {
  const machine = (await machineCertificates()) ?? '';
  const list = [...rootCertificates, machine, ca].filter((one) => one !== '');
  return createSecureContext({ ca: list, minVersion: 'TLSv1.2' });
}
