import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { probe, Traced } from '../../../shared/contract/probe.ts';
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts';
import { someEntries } from '../files/list-folder.ts';
import { readPart } from '../files/read-part.ts';
import { siteLogs } from '../site/status/site-logs.ts';
import { readSiteSecret } from '../sites/gitlab-token.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import { cleanText } from './clean-text.ts';
import { joinTimeline, type LoggedLine } from './join-timeline.ts';

type Given = ParsedInputOf<typeof probe.trace>['gitlabLogs'][number];

/** How many of each part's last lines are searched, and how much of each of GitLab's logs, from its end. */
const tail = 10_000;
const maxLogBytes = 8 * 1024 * 1024;
const maxLogs = 20;
const lineChars = 2000;
/* GitLab, the gateway and their stand-ins log the id. */
const partsWithIds = ['gateway', 'gitlab'];

/** Joins what the logs say about one request. Keys and tokens are hidden. Throws file errors for logs that cannot be read. */
export async function traceRequest(paths: SitePaths, id: string, given: Given[], signal: AbortSignal): Promise<Traced> {
  const lines: LoggedLine[] = [];
  for await (const { part, line, simulated } of siteLogs(paths, { follow: false, tail }, signal))
    lines.push({ source: part, line, simulated, hasIds: partsWithIds.includes(part) });
  for (const one of given)
    for (const { source, text } of await readGiven(one))
      lines.push(...text.split('\n').map((line) => ({ source, line: line.replace(/\r$/, ''), hasIds: true })));
  const secrets = (
    await Promise.all([readSiteSecret(paths, 'frontApiKey'), readSiteSecret(paths, 'simulatedGitlabToken')])
  ).flatMap((one) => one ?? []);
  const counts = new Map<string, number>();
  for (const { source } of lines) counts.set(source, (counts.get(source) ?? 0) + 1);
  const joined = joinTimeline(lines, id);
  return {
    leftOut: joined.leftOut,
    lines: joined.lines.map((one) => ({
      ...one,
      line: cleanText(withoutSecretFields(one.line), secrets, lineChars),
    })),
    sources: [...counts].map(([source, lineCount]) => ({ source, lineCount })),
  };
}

// Logs of GitLab and the gateway are JSON, with secrets of any shape under telling names.
const secretField =
  /("(?:[\w-]*(?:api[_-]?key|token|password|secret|authorization|signing_key|private_key))"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;

function withoutSecretFields(line: string): string {
  return line.replace(secretField, '$1"[hidden]"');
}

async function readGiven(given: Given): Promise<{ source: string; text: string }[]> {
  if ('text' in given) return [{ source: 'pasted', text: given.text }];
  const isFolder = (await stat(given.path).catch(() => undefined))?.isDirectory() === true;
  const names = isFolder
    ? (await someEntries(given.path, 1000)).filter((one) => one.isFile()).map((one) => one.name)
    : [];
  const logs = names.filter((name) => /\.log$|^current$/.test(name)).slice(0, maxLogs);
  const files = isFolder ? logs.map((name) => join(given.path, name)) : [given.path];
  const read = files.map(async (path) => ({
    source: basename(path),
    text: await readPart(path, maxLogBytes, 'end', "GitLab's log"),
  }));
  return Promise.all(read);
}
