import { open } from 'node:fs/promises';
import { redact } from '../../../../shared/errors/app-error.ts';
import { plainText } from '../../../../shared/plain-text.ts';

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
    return plainText(redact(error ?? said.at(-1) ?? '').slice(0, 300));
  } finally {
    await file.close();
  }
}
