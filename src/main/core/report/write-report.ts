import { createHash } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { ReportData, ReportSignature } from '../../../shared/report-data.ts';
import { canonicalJson } from '../bundle/canonical-json.ts';
import { type Signer, signEnvelope } from '../bundle/dsse.ts';
import { makeFolder } from '../files/make-folder.ts';
import { reportPage } from './report-page.ts';

/** DSSE payload type of a report's signature. */
export const reportPayloadType = 'application/vnd.sealift.report.v1+json';

/** Names of the files of a report. */
export const reportFiles = { html: 'report.html', json: 'report.json', signature: 'report.dsse.json' } as const;

/** Writes the three files of a report, each whole or not at all, the signature last. Gives their paths. */
export async function writeReport(
  folder: string,
  data: ReportData,
  signer: Signer,
): Promise<{ html: string; json: string; signature: string }> {
  const html = reportPage(data);
  const json = `${JSON.stringify(data, undefined, 2)}\n`;
  const entry = (name: 'report.html' | 'report.json', text: string) => ({
    name,
    sha256: createHash('sha256').update(text).digest('hex'),
    sizeBytes: Buffer.byteLength(text),
  });
  const signed: ReportSignature = {
    version: 1,
    site: data.site.name,
    created: data.createdAt,
    files: [entry('report.html', html), entry('report.json', json)],
  };
  const paths = {
    html: join(folder, reportFiles.html),
    json: join(folder, reportFiles.json),
    signature: join(folder, reportFiles.signature),
  };
  try {
    await makeFolder(folder, 0o755);
    await rm(paths.signature, { force: true });
    await writeWhole(paths.html, html);
    await writeWhole(paths.json, json);
    await writeWhole(paths.signature, signEnvelope(reportPayloadType, canonicalJson(signed), signer));
  } catch (error) {
    throw translated(error, folder);
  }
  return paths;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeFile(part, text);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

function translated(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return appError('space.ran-out', { path }, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST') {
    return appError('file.denied', { path, action: 'write' }, error);
  }
  return error;
}
