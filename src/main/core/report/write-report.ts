import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { sha256Hex } from '../files/sha256.ts';
import { writeWhole } from '../files/write-whole.ts';
import { canonicalJson } from '../signing/canonical-json.ts';
import { type Signer, signEnvelope } from '../signing/dsse.ts';
import type { ReportData, ReportSignature } from './report-data.ts';
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

// Other users read it, unlike the files in the data folder.
const mode = 0o644;

/** Writes the files of a report. When one cannot be written, the folder keeps what it had. Returns their paths. `pdf` adds a PDF. */
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
  const files: [path: string, content: string | Buffer][] = [
    [paths.html, html],
    [paths.json, json],
    ...(pdf ? [[join(folder, reportFiles.pdf), pdf] satisfies [string, Buffer]] : []),
    [paths.signature, signEnvelope(reportPayloadType, canonicalJson(signed), signer)],
  ];
  try {
    await makeFolder(folder, 0o755);
    for (const [path, content] of files) await writeWhole(draftOf(path), content, { mode });
    await rm(paths.signature, { force: true });
    // A PDF of an earlier report would remain unsigned.
    await rm(join(folder, reportFiles.pdf), { force: true });
    // The signature comes last.
    for (const [path] of files) await rename(draftOf(path), path);
  } catch (error) {
    for (const [path] of files) await rm(draftOf(path), { force: true }).catch(() => undefined);
    throw fileError(folder, 'write', error);
  }
  return paths;
}

function draftOf(path: string): string {
  return `${path}.part`;
}
