import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { replaceFile } from '../settings/replace-file.ts';
import { keyIdOf } from './dsse.ts';
import { fingerprintToWords, parseFingerprint } from './fingerprint.ts';
import { loadPublicKey } from './keys.ts';
import { readSmallFile } from './read-small-file.ts';

const trustedKey = z.strictObject({
  /** 64 hex digits, or the first 32 when it was given as words. */
  fingerprint: z.string().regex(/^[0-9a-f]{32}([0-9a-f]{32})?$/),
  label: z.string().max(100),
  since: z.iso.datetime(),
});
const trustFile = z.strictObject({ version: z.literal(1), keys: z.array(trustedKey).max(1000) });

/** A key that an operator trusts. The public key itself rides in each envelope and must hash to the fingerprint. */
export type TrustedKey = z.infer<typeof trustedKey> & { words: string };

/** The trusted keys; a missing file means none, a broken one is `trust.invalid`. */
export async function readTrust(path: string): Promise<TrustedKey[]> {
  const bytes = await readSmallFile(path, 1024 * 1024);
  if (bytes === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw appError('trust.invalid', { path, problem: 'it is not JSON.' }, error);
  }
  const result = trustFile.safeParse(value);
  if (!result.success) throw appError('trust.invalid', { path, problem: issueLines(result.error).join('; ') });
  return result.data.keys.map((key) => ({ ...key, words: fingerprintToWords(key.fingerprint) }));
}

/** True when one of the trusted keys has this id (64 hex digits). */
export function isTrusted(trusted: readonly TrustedKey[], keyId: string): boolean {
  return trusted.some((key) => keyId.startsWith(key.fingerprint));
}

/**
 * Trusts a key by its fingerprint (words or hex, `key.bad-fingerprint`) or by its public key's PEM file. Trusting one again
 * completes or relabels it; `isNew` says whether it was unknown.
 */
export async function trustKey(
  path: string,
  given: { fingerprint: string } | { publicKeyFile: string },
  options: { label?: string | undefined; now: Date },
): Promise<TrustedKey & { isNew: boolean }> {
  const fingerprint =
    'fingerprint' in given ? parseFingerprint(given.fingerprint) : keyIdOf(await loadPublicKey(given.publicKeyFile));
  const before = await readTrust(path);
  const same = before.find((key) => key.fingerprint.startsWith(fingerprint) || fingerprint.startsWith(key.fingerprint));
  const key = {
    fingerprint: same && same.fingerprint.length > fingerprint.length ? same.fingerprint : fingerprint,
    label: options.label ?? same?.label ?? '',
    since: same?.since ?? options.now.toISOString(),
  };
  const others = before.filter((one) => one !== same).map(({ words: _words, ...rest }) => rest);
  const text = JSON.stringify({ version: 1, keys: [...others, key] } satisfies z.infer<typeof trustFile>, null, 2);
  await replaceFile(path, `${text}\n`);
  return { ...key, words: fingerprintToWords(key.fingerprint), isNew: same === undefined };
}
