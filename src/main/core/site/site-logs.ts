import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { logLine } from '../../../shared/contract/site.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { containerLogs } from './containers/container-logs.ts';
import { sitePaths } from './site-paths.ts';

type LogLine = z.infer<typeof logLine>;

const tailBytes = 1024 * 1024;
const lookEveryMs = 300;
const maxLineChars = 16_000;

/** What is read of which logs. */
export interface LogQuery {
  site: string;
  part?: string | undefined;
  follow: boolean;
  /** Lines of each log that come first. */
  tail: number;
}

/** The last lines of a site's logs and, with `follow`, what comes after until the signal aborts. Throws `site.part-unknown`. */
export async function* siteLogs(sites: string, query: LogQuery, signal: AbortSignal): AsyncGenerator<LogLine> {
  const { logs } = sitePaths(sites, query.site);
  const names = (await readdir(logs).catch(() => []))
    .filter((name) => name.endsWith('.log'))
    .map((name) => name.slice(0, -4));
  const containers = await containerLogs(sites, query.site);
  const isWanted = (part: string) => query.part === undefined || part === query.part;
  // A stand-in that a container replaced left its log behind.
  const isOld = (part: string) => containers.some((one) => one.part === part);
  const wanted = names.filter((name) => isWanted(name) && !isOld(name)).sort();
  const inEngine = containers.filter((one) => isWanted(one.part));
  if (query.part !== undefined && wanted.length === 0 && inEngine.length === 0)
    throw appError('site.part-unknown', {
      part: query.part,
      known: [...names, ...containers.map((one) => one.part)].sort(),
    });
  const simulated = (part: string) => part === 'gitlab' || part === 'gateway';
  const places = new Map<string, { offset: number; rest: string }>();
  for (const part of wanted) {
    const { lines, offset, rest } = await readTail(join(logs, `${part}.log`), query.tail);
    places.set(part, { offset, rest });
    for (const line of lines) yield shown(query.site, part, line, simulated(part));
  }
  for (const log of inEngine)
    for (const line of await log.more(query.tail)) yield shown(query.site, log.part, line, log.simulated);
  while (query.follow && !signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    for (const [part, place] of places) {
      for (const line of await readMore(join(logs, `${part}.log`), place))
        yield shown(query.site, part, line, simulated(part));
    }
    for (const log of inEngine)
      for (const line of await log.more(0)) yield shown(query.site, log.part, line, log.simulated);
  }
}

function shown(site: string, part: string, line: string, simulated: boolean): LogLine {
  return { site, part, line: line.slice(0, maxLineChars), ...(simulated && { simulated: true as const }) };
}

async function readTail(path: string, count: number): Promise<{ lines: string[]; offset: number; rest: string }> {
  const size = (await stat(path)).size;
  const text = await readFrom(path, Math.max(0, size - tailBytes), tailBytes);
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  return { lines: count === 0 ? [] : lines.slice(-count), offset: size, rest };
}

async function readMore(path: string, place: { offset: number; rest: string }): Promise<string[]> {
  const size = (await stat(path).catch(() => undefined))?.size ?? place.offset;
  // A log that was set aside begins anew.
  if (size < place.offset) Object.assign(place, { offset: 0, rest: '' });
  if (size === place.offset) return [];
  const text = await readFrom(path, place.offset, Math.min(size - place.offset, tailBytes));
  place.offset += Buffer.byteLength(text);
  const lines = (place.rest + text).split('\n');
  place.rest = lines.pop() ?? '';
  return lines;
}

async function readFrom(path: string, offset: number, lengthBytes: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(lengthBytes), 0, lengthBytes, offset);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
