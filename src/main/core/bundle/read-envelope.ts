import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { z } from 'zod';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { readAtMost } from '../files/read-bounded.ts';
import { canonicalJson } from './canonical-json.ts';
import { type Envelope, envelope, goodSignatures } from './dsse.ts';
import { fingerprintToWords } from './fingerprint.ts';
import { formatVersion, maxEnvelopeBytes } from './format.ts';
import { openMediumFile } from './open-medium-file.ts';
import { compareTrusted, isTrusted, type TrustedKey } from './trust.ts';

/** Whom to believe: the trusted keys, and the reason for believing others too, when the operator gave one. */
export interface Trust {
  keys: readonly TrustedKey[];
  /** Fingerprints (hex) of this data folder's own keys, where those count. */
  ownKeyIds?: readonly string[];
  overrideReason?: string | undefined;
}

/** A payload whose signature, trust, form and schema are checked. `keyId` is empty for an unsigned one that was let through. */
export interface ReadEnvelope<T> {
  payload: T;
  keyId: string;
  isTrusted: boolean;
  /** The bytes of the envelope's file and their SHA-256 (hex). */
  bytes: Buffer;
  sha256: string;
}

/** Reads and checks the envelope at a path of a medium; undefined when there is none. */
export async function readEnvelope<T>(
  root: string,
  path: string,
  kind: { payloadType: string; schema: z.ZodType<T> },
  trust: Trust,
): Promise<ReadEnvelope<T> | undefined> {
  const file = await openMediumFile(root, path);
  if (!file) return undefined;
  try {
    return checkEnvelope(await readAtMost(file, join(root, path), maxEnvelopeBytes), join(root, path), kind, trust);
  } finally {
    await file.close();
  }
}

/** Checks an envelope: signature first, then trust, then type, canonical form, version and schema. `path` is for the errors only. */
export function checkEnvelope<T>(
  bytes: Buffer,
  path: string,
  kind: { payloadType: string; schema: z.ZodType<T> },
  trust: Trust,
): ReadEnvelope<T> {
  const signed = parseEnvelope(bytes, path);
  const signer = signerOf(signed, path, trust);
  if (signed.payloadType !== kind.payloadType) {
    const found = signed.payloadType.slice(0, 100);
    throw appError('bundle.unknown-payload-type', { path, found, wanted: kind.payloadType });
  }
  const payload = parsePayload(Buffer.from(signed.payload, 'base64'), path, kind.schema);
  return { payload, ...signer, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

type Unsigned = Omit<Envelope, 'signatures'> & { signatures: never[] };

function parseEnvelope(bytes: Buffer, path: string): Envelope | Unsigned {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw appError('bundle.malformed', { path, problem: 'it is not JSON' }, error);
  }
  const result = envelope.safeParse(value);
  if (result.success) return result.data;
  const bare = envelope.omit({ signatures: true }).strip().safeParse(value);
  if (bare.success && hasNoSignature(value)) return { ...bare.data, signatures: [] };
  const problem = `it is no signed envelope (${issueLines(result.error).join('; ')})`;
  throw appError('bundle.malformed', { path, problem });
}

function hasNoSignature(value: unknown): boolean {
  const { signatures } = value as { signatures?: unknown };
  return signatures === undefined || (Array.isArray(signatures) && signatures.length === 0);
}

function signerOf(signed: Envelope | Unsigned, path: string, trust: Trust): { keyId: string; isTrusted: boolean } {
  if (signed.signatures.length === 0) {
    if (trust.overrideReason === undefined) throw appError('bundle.unsigned', { path });
    return { keyId: '', isTrusted: false };
  }
  const good = goodSignatures(signed);
  const trusted = good.find((id) => isTrusted(trust.keys, id) || trust.ownKeyIds?.includes(id));
  if (trusted !== undefined) return { keyId: trusted, isTrusted: true };
  const keyId = good[0];
  if (keyId === undefined) throw appError('bundle.bad-signature', { path });
  if (trust.overrideReason === undefined) {
    throw appError('bundle.untrusted', {
      path,
      keyId,
      words: fingerprintToWords(keyId),
      compared: compareTrusted(trust.keys, keyId),
    });
  }
  return { keyId, isTrusted: false };
}

function parsePayload<T>(bytes: Buffer, path: string, schema: z.ZodType<T>): T {
  const refuse = (problem: string, cause?: unknown): AppError => appError('bundle.malformed', { path, problem }, cause);
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
    if (canonicalJson(value) !== text) throw refuse('its payload is not in canonical form');
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw refuse('its payload is not JSON of a sane shape', error);
  }
  const { version } = (value ?? {}) as { version?: unknown };
  if (typeof version === 'number' && version > formatVersion) {
    throw appError('bundle.newer-format', { path, found: version, known: formatVersion });
  }
  const result = schema.safeParse(value);
  if (!result.success) throw refuse(issueLines(result.error).join('; '));
  return result.data;
}
