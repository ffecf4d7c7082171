import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { appError } from '../../../shared/errors/app-error.ts';

const leastPassphrase = 12;

/** Returns the PEM text of a private key: PKCS#8, encrypted (PBES2, AES-256) if there is a passphrase. Throws `input.invalid` for a short one. */
export function encodePrivateKey(key: KeyObject, passphrase: string | undefined): string | Buffer {
  if (passphrase === undefined) return key.export({ format: 'pem', type: 'pkcs8' });
  if (passphrase.length < leastPassphrase)
    throw appError('input.invalid', { what: 'The passphrase', issues: [`use at least ${leastPassphrase} characters`] });
  return key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase });
}

/** Whether the text of a PEM file is an encrypted private key. */
export function isEncryptedKey(pem: Buffer): boolean {
  return pem.includes('ENCRYPTED PRIVATE KEY') || pem.includes('Proc-Type: 4,ENCRYPTED');
}

/** Reads a private key from PEM text. Throws `key.locked` without the passphrase it needs, `key.wrong-passphrase`, `key.invalid`. */
export function decodePrivateKey(pem: Buffer, path: string, passphrase: string | undefined): KeyObject {
  const isEncrypted = isEncryptedKey(pem);
  if (isEncrypted && passphrase === undefined) throw appError('key.locked', { path });
  const key = parsed(() => createPrivateKey({ key: pem, ...(isEncrypted && { passphrase }) }));
  if (key?.asymmetricKeyType === 'ed25519') return key;
  // A wrong passphrase shows as bad padding or, rarely, as a key that makes no sense.
  if (!key && isEncrypted) throw appError('key.wrong-passphrase', { path });
  throw appError('key.invalid', { path, wanted: 'ed25519 private key' });
}

/** Reads a public key from PEM text. Throws `key.invalid`, also for a private key, so that none is handed around by mistake. */
export function decodePublicKey(pem: Buffer, path: string): KeyObject {
  const key = pem.includes('PRIVATE KEY') ? undefined : parsed(() => createPublicKey(pem));
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw appError('key.invalid', { path, wanted: 'ed25519 public key' });
}

/** The parser's words may quote the file: they stay out of any error. */
function parsed(parse: () => KeyObject): KeyObject | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
