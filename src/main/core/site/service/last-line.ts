import { open } from 'node:fs/promises';
import { shownLine } from '../../processes/shown-line.ts';

const readBytes = 16 * 1024;

/** Returns the last meaningful line of a log, redacted and at most 300 characters; '' when there is none. */
export async function lastLine(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - readBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(readBytes), 0, readBytes, from);
    const lines = buffer
      .toString('utf8', 0, bytesRead)
      .split('\n')
      .map((line) => line.trim());
    // Node ends a crash report with its version, which is not the cause.
    const said = lines.filter((line) => line !== '' && !/^Node\.js v\d/.test(line));
    const error = said.findLast((line) => /^(\w*Error|AppError)\b/.test(line));
    return shownLine(error ?? said.at(-1) ?? '');
  } finally {
    await file.close();
  }
}
