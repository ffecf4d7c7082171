import { z } from 'zod';
import { keyCondition } from '../key-condition.ts';
import { isPlainLine } from '../plain-text.ts';
import { call } from '../rpc/contract.ts';

const shownKey = z.object({
  name: z.string(),
  /** SHA-256 of the public key's SPKI DER, hex. */
  fingerprint: z.string(),
  /** The first 15 bytes of the fingerprint and a checksum, as 16 words. */
  words: z.string(),
  publicKeyFile: z.string(),
  /** The key as a line of OpenSSH's allowed signers, to verify Sealift's packages without Sealift. */
  allowedSigner: z.string(),
  /** The fingerprint as `ssh-keygen -l` prints it. */
  sshFingerprint: z.string(),
  isEncrypted: z.boolean(),
});
const trustedKey = z.object({
  /** 64 hex digits, or fewer if the key was trusted by its words. */
  fingerprint: z.string(),
  words: z.string(),
  label: z.string(),
  since: z.iso.datetime(),
});
const name = z.string().max(63);
/** Protects a private key on disk; never stored. */
export const passphrase = z.string().min(1).max(1000);
/** Why a key is revoked: one line that travels with every bundle. */
export const revocationReason = z
  .string()
  .trim()
  .min(3)
  .max(500)
  .refine(isPlainLine, 'contains characters that cannot be displayed');
const condition = { condition: keyCondition };
/** Whose key it is: one line without control characters. */
export const keyLabel = z.string().max(100).refine(isPlainLine, 'contains characters that cannot be displayed');

/** Signing keys of this data folder, and the keys it trusts. Private keys are never sent. */
export const keys = {
  create: call(
    z.strictObject({ name, expires: z.iso.datetime().optional(), passphrase: passphrase.optional() }),
    shownKey,
    { writes: true },
  ),
  /** Without a name: the only key that is neither revoked nor replaced. */
  show: call(z.strictObject({ name: name.optional() }), shownKey),
  list: call(
    z.strictObject({}),
    z.object({ own: z.array(shownKey.extend(condition)), trusted: z.array(trustedKey.extend(condition)) }),
  ),
  /** Trusts a key, given by its fingerprint (words or hex) or its public key file. */
  trust: call(
    z.strictObject({
      key: z.union([
        z.strictObject({ fingerprint: z.string().max(1000) }),
        z.strictObject({ publicKeyFile: z.string().max(4096) }),
      ]),
      label: keyLabel.optional(),
    }),
    trustedKey.extend({ isNew: z.boolean() }),
    { writes: true },
  ),
  /** Stops trusting a key, given by its label or fingerprint (words or hex). */
  untrust: call(z.strictObject({ key: z.string().min(1).max(1000) }), trustedKey, { writes: true }),
  /** Sets how many people must have signed a bundle that is imported. */
  require: call(z.strictObject({ signatures: z.literal([1, 2]) }), z.object({ signatures: z.literal([1, 2]) }), {
    writes: true,
  }),
  /** Revokes a key, given by the name of an own key or a fingerprint. An own key revokes itself; `by` names another own key to sign with. */
  revoke: call(
    z.strictObject({
      key: z.string().min(1).max(1000),
      reason: revocationReason,
      by: z.string().max(4096).optional(),
      passphrase: passphrase.optional(),
    }),
    z.object({ fingerprint: z.string(), words: z.string(), by: z.string() }),
    { writes: true },
  ),
  /** Encrypts the private key of an own key with `newPassphrase`; without one, it is stored unencrypted. */
  protect: call(
    z.strictObject({ name, passphrase: passphrase.optional(), newPassphrase: passphrase.optional() }),
    shownKey,
    { writes: true },
  ),
  /** Makes a successor of an own key, signed over by it. `to` names it; default: the old name with the next number. */
  rotate: call(
    z.strictObject({ name: name.optional(), to: name.optional(), passphrase: passphrase.optional() }),
    shownKey.extend({ old: z.string() }),
    { writes: true },
  ),
};
