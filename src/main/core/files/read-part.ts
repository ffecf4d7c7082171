import { constants, open } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';
import { closeFile } from './close-file.ts';
import { fileError } from './file-error.ts';

/** Which part of a longer text counts. */
export type Part = 'start' | 'end';

/**
 * Reads the start or the end of a plain file of any size, at most `limitBytes`. Throws `file.missing`, which names it by `what`, and
 * errors of the table.
 */
export async function readPart(path: string, limitBytes: number, part: Part, what: string): Promise<string> {
  // Without O_NONBLOCK, opening a named pipe would block until someone writes to it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error) => {
    throw fileError(path, 'read', error, what);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw appError('file.missing', { path, what: `${what} (a plain file)` });
    const from = part === 'end' ? Math.max(0, stat.size - limitBytes) : 0;
    const stream = file.createReadStream({ start: from, end: from + limitBytes - 1, autoClose: false });
    return await textOf(stream, limitBytes, part);
  } catch (error) {
    throw fileError(path, 'read', error, what);
  } finally {
    await closeFile(file);
  }
}

/** Reads a stream to its end and returns its start or its end, at most `limitBytes` in whole pieces. */
export async function textOf(stream: AsyncIterable<Buffer>, limitBytes: number, part: Part): Promise<string> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of stream) {
    if (part === 'start' && sizeBytes + piece.length > limitBytes) break;
    pieces.push(piece);
    sizeBytes += piece.length;
    while (sizeBytes > limitBytes) sizeBytes -= pieces.shift()?.length ?? 0;
  }
  const bytes = Buffer.concat(pieces);
  return bytes.toString(isUtf16(bytes) ? 'utf16le' : 'utf8').replace(/^\ufeff/, '');
}

/** Windows PowerShell redirects into UTF-16. The end of such a file has no byte order mark, but a zero in every other byte. */
function isUtf16(bytes: Buffer): boolean {
  const odd = bytes.subarray(0, 64).filter((_, at) => at % 2 === 1);
  return odd.length > 0 && odd.filter((byte) => byte === 0).length > odd.length / 2;
}
