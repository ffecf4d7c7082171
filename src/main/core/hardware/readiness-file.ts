import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { type Readiness, readiness } from '../../../shared/readiness.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { readinessPage } from './readiness-page.ts';

const limitBytes = 1024 * 1024;

/** Raises `hardware.report-name` unless the name says which kind of report is meant. */
export function checkReportName(path: string): void {
  if (!['.html', '.json'].includes(extname(path).toLowerCase())) throw appError('hardware.report-name', { path });
}

/** Writes the readiness as a page or as JSON, by the name's ending; a file that was there is replaced as a whole. */
export async function writeReadiness(path: string, data: Readiness): Promise<void> {
  checkReportName(path);
  const isPage = extname(path).toLowerCase() === '.html';
  const part = `${path}.part`;
  try {
    await writeFile(part, isPage ? readinessPage(data) : `${JSON.stringify(data, undefined, 2)}\n`);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw translated(error, path, 'write');
  }
}

/** Reads a readiness file that came from anywhere: at most 1 MiB, checked in full. Raises `hardware.readiness-invalid`. */
export async function readReadiness(path: string): Promise<Readiness> {
  const text = await boundedText(path).catch((error: unknown) => {
    throw translated(error, path, 'read');
  });
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

async function boundedText(path: string): Promise<string> {
  const file = await stat(path);
  // Opening a pipe or a device could wait for ever.
  if (!file.isFile()) throw appError('hardware.readiness-invalid', { path, issues: ['it is not a file'] });
  if (file.size > limitBytes) throw appError('file.too-large', { path, limitBytes, sizeBytes: file.size });
  return readFile(path, 'utf8');
}

function translated(error: unknown, path: string, action: 'read' | 'write'): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') {
    return appError(
      'file.missing',
      { path, what: action === 'read' ? 'The readiness file' : 'The folder of the report' },
      error,
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return appError('file.denied', { path, action }, error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return appError('space.ran-out', { path }, error);
  if (code === 'EIO') return appError('medium.gone', { path }, error);
  return error;
}
