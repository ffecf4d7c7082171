import { constants, type FileHandle, open } from 'node:fs/promises';
import { closeFile } from './close-file.ts';

const tailBytes = 1024 * 1024;
const lineEnd = 0x0a;

/** Lines of a log, and the offset of the next one in bytes: a log need not be UTF-8. */
export interface LogLines {
  lines: string[];
  offset: number;
}

/**
 * Returns the last lines of a log, of at most its last MiB, from an offset on. A log that became shorter was rotated, and is read from its
 * start. An unfinished last line counts only without `follow`. A log that does not exist has no lines. Throws the system's error for one
 * that cannot be read, also for a link: whoever writes a log could point it at any file.
 */
export async function readTail(path: string, count: number, follow: boolean, offset = 0): Promise<LogLines> {
  return withLog(path, { lines: [], offset: 0 }, async (file, size) => {
    const from = Math.max(size < offset ? 0 : offset, size - tailBytes);
    const bytes = await readFrom(file, from, tailBytes);
    const end = bytes.lastIndexOf(lineEnd) + 1;
    const lines = linesOf(bytes.subarray(0, end));
    if (!follow && end < bytes.length) lines.push(bytes.toString('utf8', end));
    return { lines: count === 0 ? [] : lines.slice(-count), offset: from + end };
  });
}

/** Returns the whole lines from an offset on. A log that became shorter was rotated, and is read from its start. Throws as `readTail` does. */
export async function readMore(path: string, offset: number): Promise<LogLines> {
  return withLog(path, { lines: [], offset }, async (file, size) => {
    const from = size < offset ? 0 : offset;
    if (size === from) return { lines: [], offset: from };
    const bytes = await readFrom(file, from, Math.min(size - from, tailBytes));
    // A line longer than one read comes in pieces.
    const isPiece = bytes.length === tailBytes && !bytes.includes(lineEnd);
    const end = isPiece ? bytes.length : bytes.lastIndexOf(lineEnd) + 1;
    return { lines: linesOf(bytes.subarray(0, end)), offset: from + end };
  });
}

async function withLog(
  path: string,
  none: LogLines,
  read: (file: FileHandle, size: number) => Promise<LogLines>,
): Promise<LogLines> {
  // Without O_NONBLOCK, opening a named pipe would block until someone writes to it.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    // It may have been rotated since it was listed.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return none;
  try {
    const stat = await file.stat();
    return stat.isFile() ? await read(file, stat.size) : none;
  } finally {
    await closeFile(file);
  }
}

function linesOf(bytes: Buffer): string[] {
  if (bytes.length === 0) return [];
  const lines = bytes.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

async function readFrom(file: FileHandle, offset: number, lengthBytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(lengthBytes), 0, lengthBytes, offset);
  return buffer.subarray(0, bytesRead);
}
