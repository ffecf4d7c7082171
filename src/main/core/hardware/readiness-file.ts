import { extname } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { type Readiness, readiness } from '../../../shared/readiness.ts';
import { readOutsideJson } from '../files/outside-json.ts';
import { writeWhole } from '../files/write-whole.ts';
import { printPdf } from '../pages/print-pdf.ts';
import { fingerprintToWords } from '../signing/fingerprint.ts';
import { readinessPage } from './readiness-page.ts';
import { siteSigner, writeSigned } from './sign-readiness.ts';

const limitBytes = 1024 * 1024;

/** Raises `hardware.report-name` unless the name ends in .html, .pdf or .json. */
export function checkReportName(path: string): void {
  if (!['.html', '.pdf', '.json'].includes(extname(path).toLowerCase()))
    throw appError('hardware.report-name', { path });
}

/** Raises `hardware.carry-out-name` unless the name ends in .json, the only format designed to leave the enclave. */
export function checkCarryOutName(path: string): void {
  if (extname(path).toLowerCase() !== '.json') throw appError('hardware.carry-out-name', { path });
}

/**
 * Writes the readiness as a page, PDF or JSON, depending on the file extension, and signs it with the site's key if there is one. Replaces
 * an existing file as a whole. Throws what printing throws.
 */
export async function writeReadiness(path: string, data: Readiness, keysFolder: string): Promise<ReadinessWritten> {
  checkReportName(path);
  const signer = await siteSigner(keysFolder);
  const shown = 'why' in signer ? signer : { fingerprint: signer.keyId, words: fingerprintToWords(signer.keyId) };
  const ending = extname(path).toLowerCase();
  const content =
    ending === '.json'
      ? jsonText(data)
      : ending === '.html'
        ? readinessPage(data, shown)
        : await printPdf(readinessPage(data, shown, 'A4'));
  const about = { signer, machine: data.machine.os.hostname, created: data.createdAt };
  const signature = await writeSigned(path, content, about);
  return signature === undefined ? { unsigned: 'why' in shown ? shown.why : '' } : { signature };
}

/** The path of the signature, or why there is none. */
export type ReadinessWritten = { signature: string } | { unsigned: string };

/** Writes the file that may leave the enclave: never signed, since a signature names the site. */
export async function writeCarryOut(path: string, data: Readiness): Promise<void> {
  checkCarryOutName(path);
  await writeWhole(path, jsonText(data), { mode: 0o644 });
}

function jsonText(data: Readiness): string {
  return `${JSON.stringify(data, undefined, 2)}\n`;
}

/** Reads a readiness file that came from anywhere: at most 1 MiB, checked in full. Raises `hardware.readiness-invalid`. */
export async function readReadiness(path: string): Promise<Readiness> {
  const read = await readOutsideJson(path, {
    what: 'The readiness file',
    limitBytes,
    limits: { depth: 16, values: 50_000 },
    refuse: (issues) => appError('hardware.readiness-invalid', { path, issues }),
  });
  return read.as(readiness);
}
