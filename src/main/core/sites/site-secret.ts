import { createHash, createPrivateKey, createPublicKey, generateKeyPair, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { appError } from '../../../shared/errors/app-error.ts';
import { readBounded } from '../files/read-bounded.ts';

/** What a secret is: a key of 256 random bits for the front, an admin token for the stand-in, or an RSA 2048 private key. */
export type SecretKind = 'front-api-key' | 'gitlab-token' | 'rsa-2048';

/** What may be shown of an existing secret. */
export interface SecretFacts {
  /** `SHA256:` and the base64 hash of the public key (DER, SPKI); `made` for secrets without a public part. */
  fingerprint: string;
  /** True when only the owner can read the file. */
  isPrivate: boolean;
}

const limitBytes = 64 * 1024;

/**
 * Generates the text of a new secret file. RSA keys are PKCS#8 PEM, as the AI Gateway reads them (its docs: `openssl genrsa
 * 2048`).
 */
export async function makeSecret(kind: SecretKind): Promise<string> {
  const random = () => randomBytes(32).toString('base64url');
  if (kind === 'front-api-key') return `sk-${random()}\n`;
  if (kind === 'gitlab-token') return `glpat-${random()}\n`;
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Inspects a secret's file; undefined when there is none. Throws `site.secret-damaged` when it holds no such secret. */
export async function secretFacts(kind: SecretKind, path: string): Promise<SecretFacts | undefined> {
  const text = (await readBounded(path, limitBytes))?.toString('utf8');
  if (text === undefined) return undefined;
  const { mode } = await stat(path);
  const isPrivate = process.platform === 'win32' || (mode & 0o077) === 0;
  if (kind === 'rsa-2048') return { fingerprint: rsaFingerprint(text, path), isPrivate };
  if (!/^[\w-]{20,200}\n?$/.test(text))
    throw appError('site.secret-damaged', {
      path,
      problem: 'it is not one line of 20 to 200 letters, digits, "_" and "-"',
    });
  return { fingerprint: 'made', isPrivate };
}

function rsaFingerprint(pem: string, path: string): string {
  const damaged = (problem: string) => appError('site.secret-damaged', { path, problem });
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw damaged('it is not a private key in PEM form');
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
    throw damaged('it is not an RSA key of at least 2048 bits');
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`;
}
