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
  const contents: Content[] = [
    { name: reportFiles.html, content: reportPage(data) },
    { name: reportFiles.json, content: `${JSON.stringify(data, undefined, 2)}\n` },
    ...(pdf ? [{ name: reportFiles.pdf, content: pdf }] : []),
  ];
  const at = (name: string) => join(folder, name);
  // The signature comes last.
  await replaceAll(folder, [
    ...contents.map(({ name, content }) => ({ path: at(name), content })),
    { path: at(reportFiles.signature), content: signatureOf(data, contents, signer) },
  ]);
  return {
    html: at(reportFiles.html),
    json: at(reportFiles.json),
    ...(pdf && { pdf: at(reportFiles.pdf) }),
    signature: at(reportFiles.signature),
  };
}

interface Content {
  name: ReportSignature['files'][number]['name'];
  content: string | Buffer;
}

function signatureOf(data: ReportData, contents: Content[], signer: Signer): string {
  const signed: ReportSignature = {
    version: 1,
    site: data.site.name,
    created: data.createdAt,
    files: contents.map(({ name, content }) => ({
      name,
      sha256: sha256Hex(content),
      sizeBytes: Buffer.byteLength(content),
    })),
  };
  return signEnvelope(reportPayloadType, canonicalJson(signed), signer);
}

async function replaceAll(folder: string, files: { path: string; content: string | Buffer }[]): Promise<void> {
  try {
    await makeFolder(folder, 0o755);
    for (const { path, content } of files) await writeWhole(draftOf(path), content, { mode });
    await rm(join(folder, reportFiles.signature), { force: true });
    // A PDF of an earlier report would remain unsigned.
    await rm(join(folder, reportFiles.pdf), { force: true });
    for (const { path } of files) await rename(draftOf(path), path);
  } catch (error) {
    for (const { path } of files) await rm(draftOf(path), { force: true }).catch(() => undefined);
    throw fileError(folder, 'write', error);
  }
}

function draftOf(path: string): string {
  return `${path}.part`;
}
