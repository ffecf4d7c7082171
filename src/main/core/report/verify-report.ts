import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { report } from '../../../shared/contract/report.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { type ReportSignature, reportSignature } from '../../../shared/report-data.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { canonicalJson } from '../bundle/canonical-json.ts';
import { type Envelope, envelope, goodSignatures } from '../bundle/dsse.ts';
import { fingerprintToWords } from '../bundle/fingerprint.ts';
import { reportFiles, reportPayloadType } from './write-report.ts';

const maxSignatureBytes = 64 * 1024;
const maxReportBytes = 64 * 1024 * 1024;

/**
 * Proves a report: its signature first, then each file against the signed SHA-256. `path` is the folder or any of its files.
 * Throws `report.not-a-report`, `report.bad-signature`; a changed file is an answer, not an error.
 */
export async function verifyReport(
  path: string,
  keys: { ownKeyIds: string[]; isTrusted(keyId: string): boolean },
): Promise<OutputOf<(typeof report)['verify']>> {
  const folder = (await stat(path).catch(() => undefined))?.isDirectory() ? path : dirname(path);
  const { signed, keyId } = await readSignature(join(folder, reportFiles.signature));
  const files = await Promise.all(signed.files.map((file) => verifyFile(folder, file)));
  const by = keys.ownKeyIds.includes(keyId) ? 'own' : keys.isTrusted(keyId) ? 'trusted' : 'unknown';
  return {
    isGood: by !== 'unknown' && files.every((file) => file.isGood),
    site: signed.site,
    created: signed.created,
    signature: { keyId, words: fingerprintToWords(keyId), by },
    files,
  };
}

async function readSignature(path: string): Promise<{ signed: ReportSignature; keyId: string }> {
  const text = await readBounded(path, maxSignatureBytes);
  if (text === undefined)
    throw appError('report.not-a-report', { path: dirname(path), problem: `${basename(path)} is missing` });
  const parsed = parse(text.toString('utf8'));
  if (!parsed || parsed.payloadType !== reportPayloadType) {
    throw appError('report.not-a-report', { path, problem: 'it is no signature of a report' });
  }
  const [keyId] = goodSignatures(parsed);
  if (keyId === undefined) throw appError('report.bad-signature', { path });
  const payload = Buffer.from(parsed.payload, 'base64').toString('utf8');
  const signed = reportSignature.safeParse(safeJson(payload));
  if (!signed.success || canonicalJson(signed.data) !== payload)
    throw appError('report.not-a-report', { path, problem: 'what it signs is not as Sealift writes it' });
  return { signed: signed.data, keyId };
}

async function verifyFile(
  folder: string,
  file: ReportSignature['files'][number],
): Promise<{ name: string; isGood: boolean; problem?: string }> {
  const bytes = await readBounded(join(folder, file.name), maxReportBytes);
  if (bytes === undefined) return { name: file.name, isGood: false, problem: 'it is missing' };
  if (bytes.length !== file.sizeBytes)
    return { name: file.name, isGood: false, problem: `it has ${bytes.length} bytes, not ${file.sizeBytes}` };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== file.sha256) return { name: file.name, isGood: false, problem: 'it was changed after it was signed' };
  return { name: file.name, isGood: true };
}

async function readBounded(path: string, limitBytes: number): Promise<Buffer | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  if (found.size > limitBytes) throw appError('file.too-large', { path, limitBytes, sizeBytes: found.size });
  return readFile(path);
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
