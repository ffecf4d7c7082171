import { createHash, sign } from 'node:crypto';
import type { Signer } from './dsse.ts';

/** Name of the key's owner in an allowed signers file, and the purpose that its signatures are for. */
export const sshPrincipal = 'sealift-packer';
export const sshNamespace = 'sealift';

const keyType = 'ssh-ed25519';
const hashName = 'sha512';
/** Of an ed25519 key in SPKI DER: all that follows its fixed head. */
const rawKeyBytes = 32;
const armorColumns = 70;

/** Signs a file in OpenSSH's format (PROTOCOL.sshsig), for `ssh-keygen -Y verify -n sealift`. */
export function sshSignature(message: Buffer, signer: Pick<Signer, 'privateKey' | 'publicKeyDer'>): string {
  const magic = Buffer.from('SSHSIG');
  const about = [field(sshNamespace), field(''), field(hashName)];
  const hash = createHash(hashName).update(message).digest();
  const signed = sign(null, Buffer.concat([magic, ...about, field(hash)]), signer.privateKey);
  const version = Buffer.from([0, 0, 0, 1]);
  const signature = Buffer.concat([field(keyType), field(signed)]);
  const whole = Buffer.concat([magic, version, field(publicKey(signer)), ...about, field(signature)]);
  const lines = whole.toString('base64').match(new RegExp(`.{1,${armorColumns}}`, 'g')) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}

/** The line of an allowed signers file that accepts this key for Sealift's packages, and for nothing else. */
export function allowedSigner(signer: Pick<Signer, 'publicKeyDer'>): string {
  return `${sshPrincipal} namespaces="${sshNamespace}" ${keyType} ${publicKey(signer).toString('base64')}`;
}

/** The fingerprint of a key as `ssh-keygen -l` prints it. */
export function sshFingerprint(signer: Pick<Signer, 'publicKeyDer'>): string {
  return `SHA256:${createHash('sha256').update(publicKey(signer)).digest('base64').replace(/=+$/, '')}`;
}

function publicKey({ publicKeyDer }: Pick<Signer, 'publicKeyDer'>): Buffer {
  return Buffer.concat([field(keyType), field(publicKeyDer.subarray(-rawKeyBytes))]);
}

/** A string with its length, as all of OpenSSH's formats have it. */
function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
