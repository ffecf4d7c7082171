import { extname } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { type Readiness, readiness } from '../../../shared/readiness.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { readNamed } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { readinessPage } from './readiness-page.ts';

const limitBytes = 1024 * 1024;

/** Raises `hardware.report-name` unless the name says which kind of report is meant. */
export function checkReportName(path: string): void {
  if (!['.html', '.json'].includes(extname(path).toLowerCase())) throw appError('hardware.report-name', { path });
}

/** Raises `hardware.carry-out-name` unless the name is one of a JSON file: only that is made to leave the enclave. */
export function checkCarryOutName(path: string): void {
  if (extname(path).toLowerCase() !== '.json') throw appError('hardware.carry-out-name', { path });
}

/** Writes the readiness as a page or as JSON, by the name's ending; a file that was there is replaced as a whole. */
export async function writeReadiness(path: string, data: Readiness): Promise<void> {
  checkReportName(path);
  const isPage = extname(path).toLowerCase() === '.html';
  await writeWhole(path, isPage ? readinessPage(data) : `${JSON.stringify(data, undefined, 2)}\n`, { mode: 0o644 });
}

/** Reads a readiness file that came from anywhere: at most 1 MiB, checked in full. Raises `hardware.readiness-invalid`. */
export async function readReadiness(path: string): Promise<Readiness> {
  const text = (await readNamed(path, limitBytes, 'The readiness file')).toString('utf8');
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw appError('hardware.readiness-invalid', { path, issues: ['it is not JSON'] });
  }
  const parsed = readiness.safeParse(data);
  if (!parsed.success)
    throw appError('hardware.readiness-invalid', { path, issues: issueLines(parsed.error).slice(0, 5) });
  return parsed.data;
}
