import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import type { report } from '../../../shared/contract/report.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { type Remedy, steps } from '../../../shared/errors/define.ts';
import { type ReadinessSignature, readinessSignature, reportSignature } from '../../../shared/report-data.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { canonicalJson } from '../bundle/canonical-json.ts';
import { type Envelope, envelope, goodSignatures } from '../bundle/dsse.ts';
import { fingerprintToWords } from '../bundle/fingerprint.ts';
import { fileError } from '../files/file-error.ts';
import { readBounded } from '../files/read-bounded.ts';
import { sha256Hex } from '../files/sha256-hex.ts';
import { readinessPayloadType, signaturePath } from '../hardware/sign-readiness.ts';
import { reportFiles, reportPayloadType } from './write-report.ts';

const maxSignatureBytes = 64 * 1024;
const maxReportBytes = 64 * 1024 * 1024;
const maxShownBytes = 3_000_000;

/** What a proof found, and the page it is about as it was when it was proven. */
export interface ProvenReport {
  answer: OutputOf<(typeof report)['verify']>;
  page: Buffer | undefined;
}

/**
 * Proves a report: its signature first, then each file against the signed SHA-256. `path` is the folder or any of its files, or a
 * readiness report or its signature, which lies beside it.
 * Throws `report.not-a-report`, also for a file that the signature does not name, `report.bad-signature`; a changed file is an
 * answer, not an error.
 */
export async function proveReport(
  path: string,
  keys: { ownKeyIds: string[]; isTrusted(keyId: string): boolean },
): Promise<ProvenReport> {
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
  const by = keys.ownKeyIds.includes(keyId) ? 'own' : keys.isTrusted(keyId) ? 'trusted' : 'unknown';
  const answer = {
    isGood: by !== 'unknown' && files.every((file) => file.isGood),
    site: 'site' in signed ? signed.site : signed.machine,
    created: signed.created,
    signature: { keyId, words: fingerprintToWords(keyId), by } as const,
    files,
    remedies: remediesOf(by, files),
  };
  return { answer, page: proofs.find((file) => file.name.endsWith('.html'))?.bytes };
}

function remediesOf(by: 'own' | 'trusted' | 'unknown', files: { name: string; isGood: boolean }[]): Remedy[] {
  const bad = files.filter((file) => !file.isGood).map((file) => file.name);
  const copy = steps(`Ask the site for another copy of ${bad.join(' and ')}: these are not the files that it signed.`);
  const key = steps(
    'Ask the site that wrote it for the fingerprint of its key by phone or on paper, never from the report; there: sealift key show site',
    'Type what they say, then verify again: sealift key trust WORD WORD … --label SITE',
  );
  return [...(bad.length > 0 ? [copy] : []), ...(by === 'unknown' ? [key] : [])];
}

/** A proven page as text. Throws `report.not-a-report` when there is none, `file.too-large` over 3 MB: what a window can show. */
export function pageText(path: string, { page }: ProvenReport): string {
  if (page === undefined) throw appError('report.not-a-report', { path, problem: 'its page is missing' });
  if (page.length > maxShownBytes)
    throw appError('file.too-large', { path, limitBytes: maxShownBytes, sizeBytes: page.length });
  return page.toString('utf8');
}

/** Where the signature lies that a path is about. */
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
  const parsed = parse(text.toString('utf8'));
  if (!parsed || parsed.payloadType !== type) {
    throw appError('report.not-a-report', { path, problem: 'it is no signature of a report' });
  }
  const [keyId] = goodSignatures(parsed);
  if (keyId === undefined) throw appError('report.bad-signature', { path });
  const payload = Buffer.from(parsed.payload, 'base64').toString('utf8');
  const signed = schema.safeParse(safeJson(payload));
  if (!signed.success || canonicalJson(signed.data) !== payload)
    throw appError('report.not-a-report', { path, problem: 'what it signs is not as Sealift writes it' });
  return { signed: signed.data, keyId };
}

async function verifyFile(
  folder: string,
  file: ReadinessSignature['files'][number],
): Promise<{ name: string; isGood: boolean; problem?: string; bytes?: Buffer }> {
  const bytes = await readBounded(join(folder, file.name), maxReportBytes);
  if (bytes === undefined) return { name: file.name, isGood: false, problem: 'it is missing' };
  if (bytes.length !== file.sizeBytes)
    return { name: file.name, isGood: false, bytes, problem: `it has ${bytes.length} bytes, not ${file.sizeBytes}` };
  if (sha256Hex(bytes) !== file.sha256)
    return { name: file.name, isGood: false, bytes, problem: 'it was changed after it was signed' };
  return { name: file.name, isGood: true, bytes };
}

function parse(text: string): Envelope | undefined {
  return envelope.safeParse(safeJson(text)).data;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
