import { dirname, join } from 'node:path';
import { z } from 'zod';
import { hexDigest } from '../../../shared/digest.ts';
import { isPlainLine } from '../../../shared/plain-text.ts';
import { parseJson } from '../files/parse-json.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { canonicalJson } from './canonical-json.ts';
import { goodSignatures, type Signer, signEnvelope } from './dsse.ts';
import { parseEnvelope } from './parse-envelope.ts';
import { readTrust, type TrustedKey } from './trust.ts';

const payloadType = 'application/vnd.sealift.key-notice.v1+json';
/** A file of notices with more bytes is refused unread; a medium has room for one of this size. */
export const maxNoticesBytes = 64 * 1024;
const maxNotices = 100;
const maxLineBytes = 4096;

const about = { version: z.literal(1), key: hexDigest, at: z.iso.datetime() };
const keyNotice = z.discriminatedUnion('kind', [
  z.strictObject({
    ...about,
    kind: z.literal('revoked'),
    /** Also the first 30 or 32 digits, where no more is known of the key. */
    key: z.string().regex(/^([0-9a-f]{30}|[0-9a-f]{32}|[0-9a-f]{64})$/),
    reason: z.string().min(3).max(500).refine(isPlainLine),
  }),
  z.strictObject({ ...about, kind: z.literal('replaced'), by: hexDigest }),
  z.strictObject({ ...about, kind: z.literal('expires') }),
]);

/**
 * What one key says about a key: that it is revoked (since `at`), that its owner replaces it by another, or that it expires at `at`.
 * A key may say all of this about itself; whether it may revoke another depends on who trusts it (`judgeNotices`).
 */
export type KeyNotice = z.infer<typeof keyNotice>;

/** A notice whose signature by `signer` is valid. `line` is its envelope, as it travels. */
export interface SignedNotice {
  notice: KeyNotice;
  signer: string;
  line: string;
}

/** Where the notices are that a data folder knows: next to its list of trusted keys. One envelope a line. */
export function noticesPath(trustFile: string): string {
  return join(dirname(trustFile), 'key-notices.jsonl');
}

/** Signs a notice. */
export function signNotice(notice: KeyNotice, signer: Signer): SignedNotice {
  return { notice, signer: signer.keyId, line: signEnvelope(payloadType, canonicalJson(notice), signer).trim() };
}

/** Reads notices from anywhere. Lines that are no validly signed notice are left out, for they say nothing. */
export function parseNotices(bytes: Buffer): Promise<SignedNotice[]> {
  return parseNoticeLines(noticeLines(bytes));
}

/** Returns the lines of a file of notices; no more than such a file may have. */
export function noticeLines(bytes: Buffer): string[] {
  return bytes.toString().split('\n').filter(Boolean).slice(0, maxNotices);
}

/** Reads lines as `parseNotices` does. Each takes the check of a signature: whoever gathers them from several files bounds their number. */
export async function parseNoticeLines(lines: readonly string[]): Promise<SignedNotice[]> {
  const read = await Promise.all(lines.map((line) => parseNotice(line).catch(() => undefined)));
  return read.filter((one) => one !== undefined);
}

async function parseNotice(line: string): Promise<SignedNotice | undefined> {
  if (line.length > maxLineBytes) return undefined;
  const signed = await parseEnvelope(Buffer.from(line));
  const { value: signer } = await goodSignatures(signed).next();
  if (signer === undefined || signed.payloadType !== payloadType) return undefined;
  const notice = keyNotice.parse(parseJson(signed.payload, { depth: 2, values: 20, hasUniqueNames: true }));
  return { notice, signer, line };
}

/** Returns the notices that a data folder knows. */
export async function readNotices(trustFile: string): Promise<SignedNotice[]> {
  const bytes = await readBounded(noticesPath(trustFile), maxNoticesBytes);
  return bytes ? parseNotices(bytes) : [];
}

/** Adds notices to those that a data folder knows, each once. Where there is no room for all, those that protect it most are kept. */
export async function keepNotices(trustFile: string, fresh: readonly SignedNotice[]): Promise<void> {
  const known = await readNotices(trustFile);
  // A damaged list of trusted keys must not keep a revocation from being recorded.
  const trusted = await readTrust(trustFile).catch(() => []);
  const textOf = (notices: readonly SignedNotice[]) => noticesText(notices.map((one) => one.line));
  const text = textOf(inOrder([...known, ...fresh], trusted));
  if (text !== textOf(known)) await writeWhole(noticesPath(trustFile), text, { folderMode: 0o700 });
}

/**
 * Returns what each key says about a key once, revocations of keys that are trusted here first: whoever has stolen a key must not
 * fill the file with notices of their own, so that its revocation finds no room.
 */
function inOrder(notices: readonly SignedNotice[], trusted: readonly TrustedKey[]): SignedNotice[] {
  const said = new Map<string, SignedNotice>();
  for (const one of notices) {
    const { kind, key, at } = one.notice;
    const what = [kind, key, one.signer, one.notice.kind === 'replaced' && one.notice.by].join(' ');
    const other = said.get(what);
    if (!other || (kind === 'expires' && at < other.notice.at)) said.set(what, one);
  }
  const isTrustedHere = (key: string) =>
    trusted.some(({ fingerprint }) => key.startsWith(fingerprint) || fingerprint.startsWith(key));
  const rankOf = ({ notice: { kind, key } }: SignedNotice) => (kind !== 'revoked' ? 2 : isTrustedHere(key) ? 0 : 1);
  return [...said.values()].sort((a, b) => rankOf(a) - rankOf(b));
}

/** Returns the file of these lines, without the last ones that find no room; empty for none. */
export function noticesText(lines: readonly string[]): string {
  const kept = lines.slice(0, maxNotices);
  while (Buffer.byteLength(kept.join('\n')) >= maxNoticesBytes) kept.pop();
  return kept.map((line) => `${line}\n`).join('');
}
