import { appendFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { redact } from '../../../shared/errors/app-error.ts';
import { plainJson } from '../../../shared/plain-text.ts';

/** Name of the log in the data folder that has the details behind the reference of an internal error. */
export const errorLogName = 'errors.log';

const limitBytes = 1024 * 1024;

/**
 * Appends one line to the error log of a data folder, with secrets of known shapes removed. A full log is kept as `.1`.
 * Returns false if the log cannot be written, for example in a folder that does not exist. Never throws.
 */
export function appendErrorLog(home: string, message: string, fields: Record<string, unknown> = {}): boolean {
  const path = join(home, errorLogName);
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > limitBytes) renameSync(path, `${path}.1`);
    appendFileSync(path, `${errorLine(message, fields)}\n`, { mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}

/** Returns the line for the log: a JSON object with time, process, message and fields. */
export function errorLine(message: string, fields: Record<string, unknown> = {}): string {
  const safe = Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]);
  return plainJson({ at: new Date().toISOString(), pid: process.pid, message, ...Object.fromEntries(safe) });
}
