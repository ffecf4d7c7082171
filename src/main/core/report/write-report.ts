import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportData, ReportSignature } from '../../../shared/report-data.ts';
import { canonicalJson } from '../bundle/canonical-json.ts';
import { type Signer, signEnvelope } from '../bundle/dsse.ts';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { sha256Hex } from '../files/sha256-hex.ts';
import { writeWhole } from '../files/write-whole.ts';
import { reportPage } from './report-page.ts';

/** DSSE payload type of a report's signature. */
export const reportPayloadType = 'application/vnd.sealift.report.v1+json';

/** Names of the files of a report. */
export const reportFiles = {
  html: 'report.html',
  json: 'report.json',
  pdf: 'report.pdf',
  signature: 'report.dsse.json',
} as const;

// For the eyes of others, unlike what lies in the data folder.
const mode = 0o644;

/** Writes the files of a report, each whole or not at all, the signature last; `pdf` is one more. Gives their paths. */
export async function writeReport(
  folder: string,
  data: ReportData,
  signer: Signer,
  pdf?: Buffer,
): Promise<{ html: string; json: string; pdf?: string; signature: string }> {
  const html = reportPage(data);
  const json = `${JSON.stringify(data, undefined, 2)}\n`;
  const entry = (name: ReportSignature['files'][number]['name'], text: string | Buffer) => ({
    name,
    sha256: sha256Hex(text),
    sizeBytes: Buffer.byteLength(text),
  });
  const signed: ReportSignature = {
    version: 1,
    site: data.site.name,
    created: data.createdAt,
    files: [entry('report.html', html), entry('report.json', json), ...(pdf ? [entry('report.pdf', pdf)] : [])],
  };
  const paths = {
    html: join(folder, reportFiles.html),
    json: join(folder, reportFiles.json),
    ...(pdf && { pdf: join(folder, reportFiles.pdf) }),
    signature: join(folder, reportFiles.signature),
  };
  try {
    await makeFolder(folder, 0o755);
    await rm(paths.signature, { force: true });
    // One of an earlier report would stand there unsigned.
    await rm(join(folder, reportFiles.pdf), { force: true });
    await writeWhole(paths.html, html, { mode });
    await writeWhole(paths.json, json, { mode });
    if (pdf) await writeWhole(join(folder, reportFiles.pdf), pdf, { mode });
    await writeWhole(paths.signature, signEnvelope(reportPayloadType, canonicalJson(signed), signer), { mode });
  } catch (error) {
    throw fileError(folder, 'write', error);
  }
  return paths;
}
