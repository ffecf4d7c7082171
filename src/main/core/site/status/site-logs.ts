import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { logLine } from '../../../../shared/contract/site.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { plainText } from '../../../../shared/plain-text.ts';
import { slug } from '../../../../shared/site-file.ts';
import { listFolder } from '../../files/list-folder.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { containerLogs } from '../containers/container-logs.ts';

type LogLine = z.infer<typeof logLine>;

const tailBytes = 1024 * 1024;
const lookEveryMs = 300;
const maxLineChars = 16_000;
const lineEnd = 0x0a;

/** Which logs to read, and how much of them. */
export interface LogQuery {
  part?: string | undefined;
  follow: boolean;
  /** How many of each log's last lines come first. */
  tail: number;
}

/** Yields the last lines of a site's logs and, with `follow`, new lines until the signal aborts. Throws `site.part-unknown`. */
export async function* siteLogs(paths: SitePaths, query: LogQuery, signal: AbortSignal): AsyncGenerator<LogLine> {
  const { name: site, logs } = paths;
  const containers = await containerLogs(paths);
  const isAsked = (part: string) => query.part === undefined || part === query.part;
  // A stand-in that a container has replaced left its log behind.
  const isWanted = (part: string) => isAsked(part) && !containers.some((one) => one.part === part);
  const inEngine = containers.filter((one) => isAsked(one.part));
  const names = await logNames(logs);
  if (query.part !== undefined && !names.some(isWanted) && inEngine.length === 0) {
    const known = [...new Set([...names, ...containers.map((one) => one.part)])].sort();
    throw appError('site.part-unknown', { part: query.part, known });
  }
  const offsets = new Map<string, number>();
  for (const part of names.filter(isWanted)) {
    const { lines, offset } = await readTail(join(logs, `${part}.log`), query.tail, query.follow);
    offsets.set(part, offset);
    for (const line of lines) yield shown(site, part, line);
  }
  for (const log of inEngine)
    for (const line of await log.more(query.tail)) yield shown(site, log.part, line, log.simulated);
  while (query.follow && !signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    // A part that starts later has a new log.
    for (const part of (await logNames(logs)).filter(isWanted)) {
      const { lines, offset } = await readMore(join(logs, `${part}.log`), offsets.get(part) ?? 0);
      offsets.set(part, offset);
      for (const line of lines) yield shown(site, part, line);
    }
    for (const log of inEngine) for (const line of await log.more(0)) yield shown(site, log.part, line, log.simulated);
  }
}

async function logNames(logs: string): Promise<string[]> {
  const names = (await listFolder(logs)).filter((name) => name.endsWith('.log'));
  return names
    .map((name) => name.slice(0, -4))
    .filter((name) => slug.safeParse(name).success)
    .sort();
}

function shown(
  site: string,
  part: string,
  line: string,
  isSimulated = part === 'gitlab' || part === 'gateway',
): LogLine {
  return {
    site,
    part,
    line: plainText(line.slice(0, maxLineChars).replace(/\r$/, '')),
    ...(isSimulated && { simulated: true as const }),
  };
}

/** Returns the last lines and the offset of the next one. An unfinished last line counts only without `follow`. */
async function readTail(path: string, count: number, follow: boolean): Promise<{ lines: string[]; offset: number }> {
  // It may have been rotated since it was listed.
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  const from = Math.max(0, size - tailBytes);
  const bytes = await readFrom(path, from, tailBytes);
  const end = bytes.lastIndexOf(lineEnd) + 1;
  const lines = linesOf(bytes.subarray(0, end));
  if (!follow && end < bytes.length) lines.push(bytes.toString('utf8', end));
  return { lines: count === 0 ? [] : lines.slice(-count), offset: from + end };
}

/** Returns the whole lines from an offset on and the offset of the next one, in bytes: a log need not be UTF-8. */
async function readMore(path: string, offset: number): Promise<{ lines: string[]; offset: number }> {
  const size = (await stat(path).catch(() => undefined))?.size ?? offset;
  // A rotated log starts from the beginning.
  const from = size < offset ? 0 : offset;
  if (size === from) return { lines: [], offset: from };
  const bytes = await readFrom(path, from, Math.min(size - from, tailBytes));
  // A line longer than one read comes in pieces.
  const end = bytes.length === tailBytes && !bytes.includes(lineEnd) ? bytes.length : bytes.lastIndexOf(lineEnd) + 1;
  return { lines: linesOf(bytes.subarray(0, end)), offset: from + end };
}

function linesOf(bytes: Buffer): string[] {
  if (bytes.length === 0) return [];
  const lines = bytes.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

async function readFrom(path: string, offset: number, lengthBytes: number): Promise<Buffer> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(lengthBytes), 0, lengthBytes, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
