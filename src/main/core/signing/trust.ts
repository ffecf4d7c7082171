import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import type { ComparedKey } from '../../../shared/errors/bundle.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { keyIdOf } from './dsse.ts';
import { fingerprintToWords, parseFingerprint } from './fingerprint.ts';
import { loadPublicKey } from './keys.ts';

const trustedKey = z.strictObject({
  /** 64 hex digits, or as many of the first as were given: 32, or the 30 that words carry. */
  fingerprint: z.string().regex(/^([0-9a-f]{30}|[0-9a-f]{32}|[0-9a-f]{64})$/),
  label: z.string().max(100),
  since: z.iso.datetime(),
});
const trustFile = z.strictObject({
  version: z.literal(1),
  keys: z.array(trustedKey).max(1000),
  /** How many people must have signed a bundle that is imported. */
  signatures: z.literal([1, 2]).optional(),
});
type TrustFile = z.infer<typeof trustFile>;

/** A key that an operator trusts. The public key itself rides in each envelope and must hash to the fingerprint. */
export type TrustedKey = z.infer<typeof trustedKey> & { words: string };

/** The trusted keys; a missing file means none, a broken one is `trust.invalid`. */
export async function readTrust(path: string): Promise<TrustedKey[]> {
  return (await readFile(path)).keys.map((key) => ({ ...key, words: fingerprintToWords(key.fingerprint) }));
}

/** Returns how many people must have signed a bundle that is imported. Throws `trust.invalid`. */
export async function requiredSignatures(path: string): Promise<1 | 2> {
  return (await readFile(path)).signatures ?? 1;
}

/** Sets how many people must have signed a bundle that is imported. */
export async function requireSignatures(path: string, signatures: 1 | 2): Promise<void> {
  await writeFile(path, { ...(await readFile(path)), signatures });
}

async function readFile(path: string): Promise<TrustFile> {
  const bytes = await readBounded(path, 1024 * 1024);
  if (bytes === undefined) return { version: 1, keys: [] };
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw appError('trust.invalid', { path, problem: 'it is not JSON.' }, error);
  }
  const result = trustFile.safeParse(value);
  if (!result.success) throw appError('trust.invalid', { path, problem: issueLines(result.error).join('; ') });
  return result.data;
}

/** True when one of the trusted keys has this id (64 hex digits). */
export function isTrusted(trusted: readonly TrustedKey[], keyId: string): boolean {
  return trusted.some((key) => keyId.startsWith(key.fingerprint));
}

/** Compares each trusted key with this id: the words that differ, without the checksum; the nearest key first. */
export function compareTrusted(trusted: readonly TrustedKey[], keyId: string): ComparedKey[] {
  const words = fingerprintToWords(keyId).split(' ').slice(0, -1);
  const compared = trusted.map((key) => {
    const given = key.words.split(' ');
    const differs = words.flatMap((word, index) => (word === given[index] ? [] : [index + 1]));
    return { label: key.label, words: key.words, differs };
  });
  return compared.sort((a, b) => a.differs.length - b.differs.length);
}

/** Takes back the trust in a key, named by its label or its fingerprint. Throws `trust.unknown`, `trust.which`. */
export async function untrustKey(path: string, given: string): Promise<TrustedKey> {
  const before = await readTrust(path);
  const labelled = before.filter((key) => key.label === given);
  const found = labelled.length > 0 ? labelled : before.filter((key) => isFingerprintOf(given, key));
  const [key, ...more] = found;
  if (!key) throw appError('trust.unknown', { given, known: before.map((one) => one.label || one.words) });
  if (more.length > 0) throw appError('trust.which', { given, fingerprints: found.map((one) => one.fingerprint) });
  await writeTrust(
    path,
    before.filter((one) => one !== key),
  );
  return key;
}

function isFingerprintOf(given: string, key: TrustedKey): boolean {
  try {
    const fingerprint = parseFingerprint(given);
    return fingerprint.startsWith(key.fingerprint) || key.fingerprint.startsWith(fingerprint);
  } catch {
    return false;
  }
}

async function writeTrust(path: string, keys: readonly z.infer<typeof trustedKey>[]): Promise<void> {
  const rows = keys.map(({ fingerprint, label, since }) => ({ fingerprint, label, since }));
  await writeFile(path, { ...(await readFile(path)), keys: rows });
}

async function writeFile(path: string, content: TrustFile): Promise<void> {
  const text = JSON.stringify(content, null, 2);
  await writeWhole(path, `${text}\n`, { folderMode: 0o700 });
}

/** Returns the fingerprint of a key as given: words or hex, or its public key's PEM file. Throws `key.bad-fingerprint`, `key.invalid`. */
export async function fingerprintOf(given: GivenKey): Promise<string> {
  return 'fingerprint' in given
    ? parseFingerprint(given.fingerprint)
    : keyIdOf(await loadPublicKey(given.publicKeyFile));
}

type GivenKey = { fingerprint: string } | { publicKeyFile: string };

/**
 * Trusts a key by its fingerprint (words or hex, `key.bad-fingerprint`) or by its public key's PEM file. Trusting one again
 * completes or relabels it; `isNew` is true when it was unknown.
 */
export async function trustKey(
  path: string,
  given: GivenKey,
  options: { label?: string | undefined; now: Date },
): Promise<TrustedKey & { isNew: boolean }> {
  const fingerprint = await fingerprintOf(given);
  const before = await readTrust(path);
  const same = before.find((key) => key.fingerprint.startsWith(fingerprint) || fingerprint.startsWith(key.fingerprint));
  const key = {
    fingerprint: same && same.fingerprint.length > fingerprint.length ? same.fingerprint : fingerprint,
    label: options.label ?? same?.label ?? '',
    since: same?.since ?? options.now.toISOString(),
  };
  await writeTrust(path, [...before.filter((one) => one !== same), key]);
  return { ...key, words: fingerprintToWords(key.fingerprint), isNew: same === undefined };
}
