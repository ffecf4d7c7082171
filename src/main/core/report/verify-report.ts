import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { z } from 'zod';
import type { report } from '../../../shared/contract/report.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { type Remedy, steps } from '../../../shared/errors/define.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { maxFrameChars } from '../../../shared/rpc/frame-limit.ts';
import { fileError } from '../files/file-error.ts';
import { parseJson } from '../files/parse-json.ts';
import { readBounded } from '../files/read-bounded.ts';
import { sha256Hex } from '../files/sha256.ts';
import {
  type ReadinessSignature,
  readinessPayloadType,
  readinessSignature,
  signaturePath,
} from '../hardware/sign-readiness.ts';
import { canonicalJson } from '../signing/canonical-json.ts';
import { goodSignatures } from '../signing/dsse.ts';
import { fingerprintToWords } from '../signing/fingerprint.ts';
import { parseEnvelope } from '../signing/parse-envelope.ts';
import { isRedFile } from './red-report.ts';
import { reportSignature } from './report-data.ts';
import { reportFiles, reportPayloadType } from './write-report.ts';

const maxSignatureBytes = 64 * 1024;
const maxReportBytes = 64 * 1024 * 1024;
// The rest of the frame is for the other fields.
const maxShownChars = maxFrameChars - 64 * 1024;

/** The result of a verification, with the page and the data as they were verified. */
export interface VerifiedReport {
  answer: OutputOf<(typeof report)['verify']>;
  page: Buffer | undefined;
  data: Buffer | undefined;
}

/**
 * Verifies a report: its signature first, then each file against the signed SHA-256. `path` is the folder or any of its files, or a
 * readiness report or the signature next to it.
 * Throws `report.not-a-report`, also for a file that the signature does not name, and `report.bad-signature`. A changed file is a
 * result, not an error.
 */
export async function verifyReport(
  path: string,
  keys: { ownKeyIds: string[]; isTrusted(keyId: string): boolean },
): Promise<VerifiedReport> {
  const signature = await signatureOf(path);
  const folder = dirname(signature);
  const { signed, keyId } = await (basename(signature) === reportFiles.signature
    ? readSignature(signature, reportPayloadType, reportSignature)
    : readSignature(signature, readinessPayloadType, readinessSignature));
  const asked = join(folder, basename(path));
  const isNamed =
    path === folder || asked === signature || signed.files.some((file) => join(folder, file.name) === asked);
  if (!isNamed) {
    throw appError('report.not-a-report', { path, problem: `${basename(signature)} does not name ${basename(path)}` });
  }
  const proofs = await Promise.all(signed.files.map((file) => verifyFile(folder, file)));
  const files = proofs.map(({ bytes: _bytes, ...file }) => file);
  const judged = proofs.filter(isSignedData).map(({ name, bytes }) => ({ name, isRed: isRedFile(bytes) }));
  const by = keys.ownKeyIds.includes(keyId) ? 'own' : keys.isTrusted(keyId) ? 'trusted' : 'unknown';
  const answer = {
    isGood: by !== 'unknown' && files.every((file) => file.isGood),
    site: 'site' in signed ? signed.site : signed.machine,
    created: signed.created,
    signature: { keyId, words: fingerprintToWords(keyId), by } as const,
    files,
    isRed: judged.some(({ isRed }) => isRed),
    unjudged: judged.filter(({ isRed }) => isRed === undefined).map(({ name }) => name),
    remedies: remediesOf(by, files),
  };
  const bytesOf = (ending: string) => proofs.find((file) => file.name.endsWith(ending))?.bytes;
  return { answer, page: bytesOf('.html'), data: bytesOf('.json') };
}

function remediesOf(by: 'own' | 'trusted' | 'unknown', files: { name: string; isGood: boolean }[]): Remedy[] {
  const bad = files.filter((file) => !file.isGood).map((file) => file.name);
  const copy = steps(
    `Ask the site for another copy of ${bad.join(' and ')}: these files are not the ones that it signed.`,
  );
  const key = steps(
    "Ask the site that wrote the report for its key's fingerprint, by phone or on paper, never from the report. To show it there: sealift key show site",
    'Enter the words you received, then verify again: sealift key trust WORD WORD … --label SITE',
  );
  return [...(bad.length > 0 ? [copy] : []), ...(by === 'unknown' ? [key] : [])];
}

/**
 * Returns the verified page as text, and the data if the report has it. Both travel in one frame: `jsonTooLarge` if the data no longer
 * fits beside the page. Throws `report.not-a-report` when there is no page, and `file.too-large` for one that does not fit alone.
 */
export function shownTexts(
  path: string,
  { page, data }: Pick<VerifiedReport, 'page' | 'data'>,
): { html: string; json?: string; jsonTooLarge?: true } {
  if (page === undefined) throw appError('report.not-a-report', { path, problem: 'the page is missing' });
  const html = page.toString('utf8');
  const left = maxShownChars - framedChars(html);
  if (left < 0) throw appError('file.too-large', { path, limitBytes: maxShownChars, sizeBytes: maxShownChars - left });
  if (!data) return { html };
  const json = data.toString('utf8');
  return framedChars(json) <= left ? { html, json } : { html, jsonTooLarge: true };
}

/* Quotes and line ends take two characters in a frame, control characters six. */
function framedChars(text: string): number {
  return JSON.stringify(text).length;
}

/** Returns the path of the signature that belongs to a path. */
async function signatureOf(path: string): Promise<string> {
  const found = await stat(path).catch((error) => {
    throw fileError(path, 'read', error, 'The report');
  });
  if (found.isDirectory()) return join(path, reportFiles.signature);
  if (path.endsWith(signaturePath(''))) return path;
  const own = await stat(signaturePath(path)).catch(() => undefined);
  return own ? signaturePath(path) : join(dirname(path), reportFiles.signature);
}

async function readSignature<S>(
  path: string,
  type: string,
  schema: z.ZodType<S>,
): Promise<{ signed: S; keyId: string }> {
  const text = await readBounded(path, maxSignatureBytes);
  if (text === undefined)
    throw appError('report.not-a-report', { path: dirname(path), problem: `${basename(path)} is missing` });
  const parsed = await parseEnvelope(text).catch(() => undefined);
  if (!parsed || parsed.payloadType !== type) {
    throw appError('report.not-a-report', { path, problem: 'it is not a report signature' });
  }
  const { value: keyId } = await goodSignatures(parsed).next();
  if (keyId === undefined) throw appError('report.bad-signature', { path });
  const signed = schema.safeParse(safeJson(parsed.payload));
  if (!signed.success || !parsed.payload.equals(Buffer.from(canonicalJson(signed.data))))
    throw appError('report.not-a-report', { path, problem: 'the signed content was not written by Sealift' });
  return { signed: signed.data, keyId };
}

interface Proof {
  name: string;
  isGood: boolean;
  problem?: string;
  bytes?: Buffer;
}

/** Pages are for people to read: what they say is in the data too. */
function isSignedData(proof: Proof): proof is Proof & { bytes: Buffer } {
  return proof.isGood && proof.bytes !== undefined && extname(proof.name).toLowerCase() === '.json';
}

async function verifyFile(folder: string, file: ReadinessSignature['files'][number]): Promise<Proof> {
  const bytes = await readBounded(join(folder, file.name), maxReportBytes);
  if (bytes === undefined) return { name: file.name, isGood: false, problem: 'it is missing' };
  if (bytes.length !== file.sizeBytes)
    return {
      name: file.name,
      isGood: false,
      bytes,
      problem: `it has ${bytes.length} bytes instead of ${file.sizeBytes}`,
    };
  if (sha256Hex(bytes) !== file.sha256)
    return { name: file.name, isGood: false, bytes, problem: 'it was changed after it was signed' };
  return { name: file.name, isGood: true, bytes };
}

function safeJson(bytes: Buffer): unknown {
  try {
    return parseJson(bytes, { depth: 8, values: 1000 });
  } catch {
    return undefined;
  }
}
