import { appError } from '../../../shared/errors/app-error.ts';
import { type KeyCondition, keyConditionText } from '../../../shared/key-condition.ts';
import { fingerprintToWords } from './fingerprint.ts';
import { readNotices, type SignedNotice } from './key-notices.ts';
import { isTrusted, readTrust, type TrustedKey } from './trust.ts';

/** The keys that a data folder trusts, and the notices about keys that count. */
export interface KeyBook {
  trusted: readonly TrustedKey[];
  notices: readonly SignedNotice[];
}

/** Reads what a data folder knows about keys. Throws `trust.invalid`. */
export async function readKeyBook(trustFile: string): Promise<KeyBook> {
  const [trusted, notices] = await Promise.all([readTrust(trustFile), readNotices(trustFile)]);
  return { trusted, notices };
}

/** Notices from a medium, as a data folder sees them. */
export interface JudgedNotices {
  /** With the notices that count. */
  book: KeyBook;
  /** Those that must outlast the medium: about a trusted key, or by one. */
  lasting: SignedNotice[];
  /** Revocations by strangers of other keys, which don't count. */
  ignored: SignedNotice[];
}

/**
 * Decides which notices from a medium count: what a key says about itself, and the revocation of a key by another that is trusted and
 * not revoked.
 */
export function judgeNotices({ trusted, notices: known }: KeyBook, found: readonly SignedNotice[]): JudgedNotices {
  const own = found.filter(({ notice, signer }) => notice.key === signer);
  const before = { trusted, notices: [...known, ...own] };
  const others = found.filter(({ notice, signer }) => notice.kind === 'revoked' && notice.key !== signer);
  const mayRevoke = ({ signer }: SignedNotice) => isTrusted(trusted, signer) && !revocation(before, signer);
  const accepted = others.filter(mayRevoke);
  return {
    book: { trusted, notices: [...before.notices, ...accepted] },
    lasting: [...own.filter(({ signer }) => isTrusted(trusted, signer)), ...accepted],
    ignored: others.filter((one) => !mayRevoke(one)),
  };
}

/** Returns the revocation of a key (64 hex digits, or as many of the first as are known). */
export function revocation({ notices }: KeyBook, keyId: string): { at: string; reason: string } | undefined {
  if (keyId === '') return undefined;
  for (const { notice } of notices)
    if (notice.kind === 'revoked' && (keyId.startsWith(notice.key) || notice.key.startsWith(keyId))) return notice;
  return undefined;
}

/** Throws `key.revoked` for a key that is. */
export function refuseRevoked(book: KeyBook, keyId: string): void {
  const revoked = revocation(book, keyId);
  if (revoked)
    throw appError('key.revoked', { words: fingerprintToWords(keyId), at: revoked.at, reason: revoked.reason });
}

/** Returns what is known about a key (its first digits are enough) at a time. */
export function judgeKey(book: KeyBook, keyId: string, now: Date): KeyCondition {
  const revoked = revocation(book, keyId);
  if (revoked) return { state: 'revoked', at: revoked.at, detail: revoked.reason };
  const own = book.notices.filter(({ notice, signer }) => signer === notice.key && signer.startsWith(keyId));
  // Whoever steals a key could extend it: the earliest end counts.
  const [end] = own.flatMap(({ notice }) => (notice.kind === 'expires' ? [notice.at] : [])).sort();
  if (end !== undefined && Date.parse(end) <= now.getTime()) return { state: 'expired', at: end };
  for (const { notice } of own)
    if (notice.kind === 'replaced') return { state: 'replaced', at: notice.at, detail: fingerprintToWords(notice.by) };
  return { state: 'valid', ...(end !== undefined && { at: end }) };
}

/** Returns the trusted key that names this one as its successor, directly or through others, none of them revoked. */
export function predecessorOf(book: KeyBook, keyId: string): TrustedKey | undefined {
  const seen = new Set([keyId]);
  for (const later of seen) {
    for (const { notice, signer } of book.notices) {
      if (notice.kind !== 'replaced' || notice.by !== later || notice.key !== signer || revocation(book, signer))
        continue;
      const known = book.trusted.find((one) => signer.startsWith(one.fingerprint));
      if (known) return known;
      seen.add(signer);
    }
  }
  return undefined;
}

/**
 * Returns whether two keys belong to one person: they are the same, or one replaced the other, or both replaced a third, directly or
 * through others. The third counts while it is trusted and not revoked: a stranger may name anyone as a successor.
 */
export function haveOneOwner(book: KeyBook, one: string, other: string): boolean {
  const earlier = earlierKeys(book, other);
  const counts = (key: string) => isTrusted(book.trusted, key) && !revocation(book, key);
  return [...earlierKeys(book, one)].some((key) => earlier.has(key) && (key === one || key === other || counts(key)));
}

/** The key, and all that name it as their successor, directly or through others. */
function earlierKeys({ notices }: KeyBook, keyId: string): Set<string> {
  const known = new Set([keyId]);
  for (const later of known)
    for (const { notice, signer } of notices)
      if (notice.kind === 'replaced' && notice.by === later && notice.key === signer) known.add(signer);
  return known;
}

/** Says why a key that was trusted once no longer vouches for what it signed; undefined if it still does. */
export function lostTrust(book: KeyBook, keyId: string, now: Date): KeyLoss | undefined {
  const condition = judgeKey(book, keyId, now);
  if (condition.state === 'revoked') return { severity: 'red', why: keyConditionText(condition) };
  if (!isTrusted(book.trusted, keyId)) return { severity: 'amber', why: 'no longer trusted' };
  if (condition.state === 'expired') return { severity: 'amber', why: keyConditionText(condition) };
  return undefined;
}

/** How a key lost trust: "revoked 2026-11-21 16:08 UTC: laptop stolen". */
export interface KeyLoss {
  severity: 'red' | 'amber';
  why: string;
}
