import { z } from 'zod';
import { isPlainLine } from '../plain-text.ts';
import { call } from '../rpc/contract.ts';

const shownKey = z.object({
  name: z.string(),
  /** SHA-256 of the public key's SPKI DER, hex. */
  fingerprint: z.string(),
  /** Its first 15 bytes and a checksum as 16 words. */
  words: z.string(),
  publicKeyFile: z.string(),
});
const trustedKey = z.object({
  /** 64 hex digits, or the first 32 when it was given as words. */
  fingerprint: z.string(),
  words: z.string(),
  label: z.string(),
  since: z.iso.datetime(),
});
const name = z.string().max(63);
/** Whose key it is, in words: one line, without what could disturb a terminal. */
export const keyLabel = z.string().max(100).refine(isPlainLine, 'has characters that cannot be shown as they are');

/** Signing keys of this data folder, and the keys of others that it trusts. Private keys never cross. */
export const keys = {
  create: call(z.strictObject({ name }), shownKey, { writes: true }),
  /** Without a name: the only key there is. */
  show: call(z.strictObject({ name: name.optional() }), shownKey),
  list: call(z.strictObject({}), z.object({ own: z.array(shownKey), trusted: z.array(trustedKey) })),
  /** Trusts a key by its fingerprint (words or hex) or by the file of its public key. */
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
  /** Takes back the trust in a key, named by its label or fingerprint (words or hex). */
  untrust: call(z.strictObject({ key: z.string().min(1).max(1000) }), trustedKey, { writes: true }),
};
