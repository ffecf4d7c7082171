import { appError } from '../../../shared/errors/app-error.ts';
import type { KeyCondition } from '../../../shared/key-condition.ts';
import type { HomePaths } from '../settings/paths.ts';
import type { Signer } from './dsse.ts';
import { fingerprintToWords, parseFingerprint } from './fingerprint.ts';
import { judgeKey, readKeyBook, refuseRevoked } from './judge-key.ts';
import { keepNotices, signNotice } from './key-notices.ts';
import { keyNames, listKeys, loadSigner, newKey, type ShownKey, showKey } from './keys.ts';

type Places = Pick<HomePaths, 'keys' | 'trust'>;

/** An own key, and what the notices say about it. */
export type OwnKey = ShownKey & { condition: KeyCondition };

/** Returns the own keys with their condition. */
export async function ownKeys({ keys, trust }: Places, now: Date): Promise<OwnKey[]> {
  const [own, book] = await Promise.all([listKeys(keys), readKeyBook(trust)]);
  return own.map((key) => ({ ...key, condition: judgeKey(book, key.fingerprint, now) }));
}

/**
 * Loads the key to sign with: the named one or, without a name, the only one that is neither revoked nor replaced (the key `site`,
 * which signs reports, does not count). Throws `key.revoked`, and what `loadSigner` and `showKey` throw.
 */
export async function signingKey(
  places: Places,
  { key, passphrase, now }: { key?: string | undefined; passphrase?: string | undefined; now: Date },
): Promise<Signer & { condition: KeyCondition }> {
  const signer = await loadSigner(key ?? (await currentKey(places, now)).name, places.keys, passphrase);
  const book = await readKeyBook(places.trust);
  refuseRevoked(book, signer.keyId);
  return { ...signer, condition: judgeKey(book, signer.keyId, now) };
}

/** Returns the only own key that is in use. Throws `key.none`, `key.which`. */
export async function currentKey(places: Places, now: Date): Promise<ShownKey> {
  const book = await readKeyBook(places.trust);
  const usable: string[] = [];
  for (const name of (await keyNames(places.keys)).filter((one) => one !== 'site')) {
    // A file that is no key may be the one that was meant: then there is a choice to make.
    const key = await showKey(places.keys, name).catch(() => undefined);
    const state = key && judgeKey(book, key.fingerprint, now).state;
    if (state !== 'revoked' && state !== 'replaced') usable.push(name);
  }
  const [only, ...more] = usable;
  if (only === undefined) throw appError('key.none', {});
  if (more.length > 0) throw appError('key.which', { known: usable });
  return showKey(places.keys, only);
}

/** Makes a key, and says when it expires if it does. */
export async function createKey(
  places: Places,
  { name, expires, passphrase }: { name: string; expires?: string | undefined; passphrase?: string | undefined },
): Promise<ShownKey> {
  const made = await newKey(places.keys, name, passphrase);
  if (expires !== undefined) {
    const signer = await loadSigner(name, places.keys, passphrase);
    const notice = { version: 1 as const, key: signer.keyId, at: expires, kind: 'expires' as const };
    await keepNotices(places.trust, [signNotice(notice, signer)]);
  }
  return made;
}

/**
 * Revokes a key, given as the name of an own key or as a fingerprint. An own key revokes itself; another is revoked by `by`, default
 * the only own key. From now on every bundle that is packed says so.
 */
export async function revokeKey(
  places: Places,
  given: {
    key: string;
    reason: string;
    by?: string | undefined;
    passphrase?: string | undefined;
    now: Date;
  },
): Promise<{ fingerprint: string; words: string; by: string }> {
  const own = (await listKeys(places.keys)).find((one) => one.name === given.key);
  const signer =
    own && given.by === undefined
      ? await loadSigner(own.name, places.keys, given.passphrase)
      : await signingKey(places, { key: given.by, passphrase: given.passphrase, now: given.now });
  const key = own?.fingerprint ?? parseFingerprint(given.key);
  const notice = {
    version: 1 as const,
    key,
    at: given.now.toISOString(),
    kind: 'revoked' as const,
    reason: given.reason,
  };
  await keepNotices(places.trust, [signNotice(notice, signer)]);
  return { fingerprint: key, words: fingerprintToWords(key), by: fingerprintToWords(signer.keyId) };
}

/**
 * Makes a successor of a key (default: the only own one), signed over by it: whoever trusts the old one is offered the new one. The
 * passphrase of the old key protects the new one too.
 */
export async function rotateKey(
  places: Places,
  given: { name?: string | undefined; to?: string | undefined; passphrase?: string | undefined; now: Date },
): Promise<ShownKey & { old: string }> {
  const name = given.name ?? (await currentKey(places, given.now)).name;
  const old = await signingKey(places, { key: name, passphrase: given.passphrase, now: given.now });
  const own = await listKeys(places.keys);
  const to =
    given.to ??
    nextName(
      name,
      own.map((one) => one.name),
    );
  const isEncrypted = own.some((one) => one.name === name && one.isEncrypted);
  const made = await newKey(places.keys, to, isEncrypted ? given.passphrase : undefined);
  const notice = { version: 1 as const, key: old.keyId, at: given.now.toISOString(), kind: 'replaced' as const };
  await keepNotices(places.trust, [signNotice({ ...notice, by: made.fingerprint }, old)]);
  return { ...made, old: fingerprintToWords(old.keyId) };
}

/** `packer` is followed by `packer-2`, `packer-3`, … */
function nextName(name: string, taken: readonly string[]): string {
  const [, base = name, number = '1'] = /^(.*?)-(\d{1,4})$/.exec(name) ?? [];
  for (let next = Number(number) + 1; ; next += 1) if (!taken.includes(`${base}-${next}`)) return `${base}-${next}`;
}
