import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { logLine } from '../../../../shared/contract/site.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { plainText } from '../../../../shared/plain-text.ts';
import { slug } from '../../../../shared/site-file.ts';
import { listFolder } from '../../files/list-folder.ts';
import { type LogLines, readMore, readTail } from '../../files/log-lines.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { containerLogs } from '../containers/container-logs.ts';

type LogLine = z.infer<typeof logLine>;

const lookEveryMs = 300;
const maxLineChars = 16_000;

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
    const { lines, offset } = await orNone(readTail(join(logs, `${part}.log`), query.tail, query.follow), 0);
    offsets.set(part, offset);
    for (const line of lines) yield shown(site, part, line);
  }
  for (const log of inEngine)
    for (const line of await log.more(query.tail)) yield shown(site, log.part, line, log.simulated);
  while (query.follow && !signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    // A part that starts later has a new log.
    for (const part of (await logNames(logs)).filter(isWanted)) {
      const from = offsets.get(part) ?? 0;
      const { lines, offset } = await orNone(readMore(join(logs, `${part}.log`), from), from);
      offsets.set(part, offset);
      for (const line of lines) yield shown(site, part, line);
    }
    for (const log of inEngine) for (const line of await log.more(0)) yield shown(site, log.part, line, log.simulated);
  }
}

/** One log that cannot be read must not hide the others. */
function orNone(reading: Promise<LogLines>, offset: number): Promise<LogLines> {
  return reading.catch(() => ({ lines: [], offset }));
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
