import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import { issueLines } from '../../../../shared/rpc/frames.ts';
import { closeFile } from '../../files/close-file.ts';
import { type JsonLimits, parseJson } from '../../files/parse-json.ts';
import { readAtMost } from '../../files/read-bounded.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { canonicalJson } from '../../signing/canonical-json.ts';
import { goodSignatures, type OpenEnvelope } from '../../signing/dsse.ts';
import { fingerprintToWords } from '../../signing/fingerprint.ts';
import { type KeyBook, predecessorOf, revocation } from '../../signing/judge-key.ts';
import { parseEnvelope } from '../../signing/parse-envelope.ts';
import { compareTrusted, isTrusted } from '../../signing/trust.ts';
import { appFolder, formatVersion, maxEnvelopeBytes } from '../format/format.ts';
import { openMediumFile } from '../format/open-medium-file.ts';

/** Whom to believe: the trusted keys with what is known about keys, and the reason for believing others too, when the operator gave one. */
export interface Trust {
  book: KeyBook;
  /** Fingerprints (hex) of this data folder's own keys, where those count. */
  ownKeyIds?: readonly string[];
  overrideReason?: string | undefined;
}

/** A payload whose signature, trust, form and schema are checked. `keyId` is empty for an unsigned one that was overridden. */
export interface ReadEnvelope<T> {
  payload: T;
  keyId: string;
  isTrusted: boolean;
  /** The bytes of the envelope's file and their SHA-256 (hex). */
  bytes: Buffer;
  sha256: string;
}

/** A bundle of 1 TiB in as many files as a medium may have needs less than a third of these values. */
const payloadLimits: JsonLimits = { depth: 8, values: 4_000_000 };

/** Reads and checks the envelope at a path of a medium; returns undefined when there is none. One of the same bytes as a `known` one is not checked again. */
export async function readEnvelope<T>(
  root: string,
  path: string,
  kind: { payloadType: string; schema: z.ZodType<T> },
  trust: Trust,
  known: readonly ReadEnvelope<T>[] = [],
): Promise<ReadEnvelope<T> | undefined> {
  const file = await openMediumFile(root, path);
  if (!file) return undefined;
  try {
    const bytes = await readAtMost(file, join(root, path), maxEnvelopeBytes);
    const place = { root, path: join(root, path) };
    return known.find((one) => one.bytes.equals(bytes)) ?? (await checkEnvelope(bytes, place, kind, trust));
  } finally {
    await closeFile(file);
  }
}

/** Checks an envelope: signature first, then trust, then type, canonical form, version and schema. The place is for the errors only. */
async function checkEnvelope<T>(
  bytes: Buffer,
  { root, path }: { root: string; path: string },
  kind: { payloadType: string; schema: z.ZodType<T> },
  trust: Trust,
): Promise<ReadEnvelope<T>> {
  const signed = await openEnvelope(bytes, path);
  const signer = await signerOf(signed, path, trust);
  if (signed.payloadType !== kind.payloadType) {
    const found = signed.payloadType.slice(0, 100);
    throw appError('bundle.unknown-payload-type', { path, found, wanted: kind.payloadType });
  }
  const value = parsePayload(signed.payload, path);
  await refuseNewer(value, { root, path }, signer);
  const { success, data: payload, error } = kind.schema.safeParse(value);
  if (!success) throw malformed(path, issueLines(error).join('; '));
  return { payload, ...signer, bytes, sha256: sha256Hex(bytes) };
}

async function openEnvelope(bytes: Buffer, path: string): Promise<OpenEnvelope> {
  try {
    return await parseEnvelope(bytes);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw appError('bundle.malformed', { path, problem: error.message }, error.cause);
  }
}

async function signerOf(
  signed: OpenEnvelope,
  path: string,
  trust: Trust,
): Promise<{ keyId: string; isTrusted: boolean }> {
  if (signed.signatures.length === 0) {
    if (trust.overrideReason === undefined) throw appError('bundle.unsigned', { path });
    return { keyId: '', isTrusted: false };
  }
  const vouches = (id: string) =>
    (isTrusted(trust.book.trusted, id) || trust.ownKeyIds?.includes(id)) && !revocation(trust.book, id);
  // Each check reads the whole payload: of signatures that cannot make it trusted, the first is enough for the refusal.
  const [stranger] = signed.signatures.filter((one) => !vouches(one.keyid));
  const signatures = [...signed.signatures.filter((one) => vouches(one.keyid)), ...(stranger ? [stranger] : [])];
  let keyId: string | undefined;
  for await (const id of goodSignatures({ ...signed, signatures })) {
    if (vouches(id)) return { keyId: id, isTrusted: true };
    keyId ??= id;
  }
  if (keyId === undefined) throw appError('bundle.bad-signature', { path });
  if (trust.overrideReason === undefined) throw untrusted(keyId, path, trust.book);
  return { keyId, isTrusted: false };
}

function untrusted(keyId: string, path: string, book: KeyBook): AppError {
  const words = fingerprintToWords(keyId);
  const revoked = revocation(book, keyId);
  if (revoked) return appError('bundle.revoked-key', { path, keyId, words, at: revoked.at, reason: revoked.reason });
  const old = predecessorOf(book, keyId);
  if (old) return appError('bundle.new-key', { path, keyId, words, old: old.label || old.words, label: old.label });
  return appError('bundle.untrusted', { path, keyId, words, compared: compareTrusted(book.trusted, keyId) });
}

function malformed(path: string, problem: string, cause?: unknown): AppError {
  return appError('bundle.malformed', { path, problem }, cause);
}

function parsePayload(bytes: Buffer, path: string): unknown {
  let value: unknown;
  try {
    value = parseJson(bytes, payloadLimits);
  } catch (error) {
    throw malformed(path, `its payload: ${(error as Error).message}`, (error as Error).cause);
  }
  // Bytes that are not UTF-8 are no canonical form either.
  if (!bytes.equals(Buffer.from(canonicalJson(value)))) throw malformed(path, 'its payload is not in canonical form');
  return value;
}

/** Names the installer next to it, if there is one: never a stranger's. */
async function refuseNewer(
  payload: unknown,
  { root, path }: { root: string; path: string },
  { isTrusted }: { isTrusted: boolean },
): Promise<void> {
  const { version } = (payload ?? {}) as { version?: unknown };
  if (typeof version !== 'number' || version <= formatVersion) return;
  const installer = join(root, appFolder, 'install.sh');
  const isThere = isTrusted && (await lstat(installer).catch(() => undefined))?.isFile() === true;
  throw appError('bundle.newer-format', {
    ...{ path, found: version, known: formatVersion },
    ...(isThere && { installer }),
  });
}
