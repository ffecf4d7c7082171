import type { Traced } from '../../../shared/contract/probe.ts';
import { siteLogs } from '../site/status/site-logs.ts';
import { readSiteSecret } from '../sites/gitlab-token.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import { cleanText } from './clean-text.ts';
import { type Given, givenLogs } from './given-logs.ts';
import { idPattern, joinTimeline, type LoggedLine } from './join-timeline.ts';

/** How many of each part's last lines are searched. */
const tail = 10_000;
const lineChars = 2000;
/* GitLab, the gateway and their stand-ins log the id. */
const partsWithIds = ['gateway', 'gitlab'];

/** Joins what the logs say about one request. Keys and tokens are hidden. Throws file errors for logs that cannot be read. */
export async function traceRequest(paths: SitePaths, id: string, given: Given[], signal: AbortSignal): Promise<Traced> {
  const { lines, ...read } = await readLogs(paths, id, given, signal);
  const secrets = (
    await Promise.all([readSiteSecret(paths, 'frontApiKey'), readSiteSecret(paths, 'simulatedGitlabToken')])
  ).flatMap((one) => one ?? []);
  const joined = joinTimeline(lines, id);
  return {
    ...read,
    leftOut: joined.leftOut,
    lines: joined.lines.map((one) => ({
      ...one,
      line: cleanText(withoutSecretFields(one.line), secrets, lineChars),
    })),
  };
}

type Read = Pick<Traced, 'sources' | 'unreadLogs'> & { lines: LoggedLine[] };

/** Reads the parts' last lines, and of GitLab's logs those with the id. */
async function readLogs(paths: SitePaths, id: string, given: Given[], signal: AbortSignal): Promise<Read> {
  const lines: LoggedLine[] = [];
  const sources = new Map<string, Traced['sources'][number]>();
  const count = (source: string, more: number, onlyEnd = false) => {
    const { lineCount = 0, ...before } = sources.get(source) ?? {};
    sources.set(source, { ...before, source, lineCount: lineCount + more, ...(onlyEnd && { onlyEnd }) });
  };
  for await (const { part, line, simulated } of siteLogs(paths, { follow: false, tail }, signal)) {
    lines.push({ source: part, line, simulated, hasIds: partsWithIds.includes(part) });
    count(part, 1);
  }
  const token = idPattern(id);
  let unreadLogs = 0;
  for await (const log of givenLogs(given)) {
    signal.throwIfAborted();
    if ('unread' in log) {
      unreadLogs += log.unread;
      continue;
    }
    const { source, text, onlyEnd } = log;
    const all = text.replace(/\n$/, '').split('\n');
    count(source, all.length, onlyEnd);
    for (const line of all) if (token.test(line)) lines.push({ source, line: line.replace(/\r$/, ''), hasIds: true });
  }
  return { lines, sources: [...sources.values()], unreadLogs };
}

// Logs of GitLab and the gateway are JSON, with secrets of any shape under telling names.
const secretField =
  /("(?:[\w-]*(?:api[_-]?key|token|password|secret|authorization|signing_key|private_key))"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;

function withoutSecretFields(line: string): string {
  return line.replace(secretField, '$1"[hidden]"');
}
