import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { maxFolderLogs, maxLogsBytes, type probe } from '../../../shared/contract/probe.ts';
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts';
import { someEntries } from '../files/list-folder.ts';
import { isFolder } from '../files/path-exists.ts';
import { readPart } from '../files/read-part.ts';

export type Given = ParsedInputOf<typeof probe.trace>['gitlabLogs'][number];

/** A log as far as it was read. */
interface GivenLog {
  source: string;
  text: string;
  /** It is longer than what is read of one log. */
  onlyEnd: boolean;
}

const maxLogBytes = 8 * 1024 * 1024;

/**
 * Reads GitLab's logs one after another, of each the last 8 MiB, so that only one is held. Yields `unread` for logs beyond the limits of the
 * contract. Throws file errors for logs that cannot be read.
 */
export async function* givenLogs(given: Given[]): AsyncGenerator<GivenLog | { unread: number }> {
  let leftBytes = maxLogsBytes;
  for (const one of given) {
    if ('text' in one) {
      yield { source: 'pasted', text: one.text, onlyEnd: false };
      continue;
    }
    const paths = await logsAt(one.path);
    yield { unread: Math.max(0, paths.length - maxFolderLogs) };
    for (const path of paths.slice(0, maxFolderLogs)) {
      if (leftBytes === 0) {
        yield { unread: 1 };
        continue;
      }
      const sizeBytes = (await stat(path).catch(() => undefined))?.size ?? 0;
      const limitBytes = Math.min(maxLogBytes, leftBytes);
      leftBytes -= Math.min(sizeBytes, limitBytes);
      const text = await readPart(path, limitBytes, 'end', "GitLab's log");
      yield { source: basename(path), text, onlyEnd: sizeBytes > limitBytes };
    }
  }
}

async function logsAt(path: string): Promise<string[]> {
  if (!(await isFolder(path))) return [path];
  const names = (await someEntries(path, 1000)).filter((one) => one.isFile()).map((one) => one.name);
  return names.filter((name) => /\.log$|^current$/.test(name)).map((name) => join(path, name));
}
