import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { hexDigest } from '../../../shared/digest.ts';
import { sha256Hex } from '../files/sha256.ts';

/** A key that can sign; `keyId` is the SHA-256 (hex) of the public key's SPKI DER. */
export interface Signer {
  keyId: string;
  privateKey: KeyObject;
  publicKeyDer: Buffer;
}

const signature = z.strictObject({
  keyid: hexDigest,
  sig: z.base64(),
  /** SPKI DER of the key, so that a fingerprint from another channel is all that a person must carry. */
  publicKey: z.base64().max(200),
});

/** DSSE envelope (https://github.com/secure-systems-lab/dsse) with one ed25519 signature; the public key rides along. */
export const envelope = z.strictObject({
  payloadType: z.string().max(200),
  payload: z.base64(),
  signatures: z.array(signature).min(1).max(8),
});
export type Envelope = z.infer<typeof envelope>;

/** An envelope whose payload is decoded; `signatures` is empty for an unsigned one. */
export type OpenEnvelope = Omit<Envelope, 'payload'> & { payload: Buffer };

const verifyInPool = promisify(verify);

/** The fingerprint of a public key: SHA-256 of its SPKI DER, 64 hex digits. */
export function keyIdOf(publicKeyDer: Buffer): string {
  return sha256Hex(publicKeyDer);
}

/** Signs a payload and returns the envelope's JSON text, ready to be written. */
export function signEnvelope(payloadType: string, payload: string, signer: Signer): string {
  const bytes = Buffer.from(payload);
  const sig = sign(null, preAuthEncoding(payloadType, bytes), signer.privateKey).toString('base64');
  const one = { keyid: signer.keyId, sig, publicKey: signer.publicKeyDer.toString('base64') };
  return `${JSON.stringify({ payloadType, payload: bytes.toString('base64'), signatures: [one] } satisfies Envelope)}\n`;
}

/** Yields the ids of the keys whose signature over this envelope is valid, one check after another. Other requests are answered meanwhile. */
export async function* goodSignatures(signed: OpenEnvelope): AsyncGenerator<string> {
  const bytes = preAuthEncoding(signed.payloadType, signed.payload);
  for (const one of signed.signatures) if (await isGood(one, bytes)) yield one.keyid;
}

async function isGood(one: z.infer<typeof signature>, bytes: Buffer): Promise<boolean> {
  const der = Buffer.from(one.publicKey, 'base64');
  if (keyIdOf(der) !== one.keyid) return false;
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return (
      key.asymmetricKeyType === 'ed25519' && (await verifyInPool(null, bytes, key, Buffer.from(one.sig, 'base64')))
    );
  } catch {
    return false;
  }
}

/** Returns the bytes that DSSE signs: type and payload with their lengths, so that neither can pass for the other. */
export function preAuthEncoding(payloadType: string, payload: Buffer): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}
