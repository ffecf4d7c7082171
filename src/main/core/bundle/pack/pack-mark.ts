import { hostname } from 'node:os';
import { join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { closeFile } from '../../files/close-file.ts';
import { pathExists } from '../../files/path-exists.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { isSameProcess, processStart } from '../../processes/identity.ts';
import { mediumFolder } from '../format/format.ts';
import { reopen } from './kept-blocks.ts';

/** The mark of a medium that is being written; removed last. Its first line names the bundle, its second the process that writes. */
export const unfinishedPath = `${mediumFolder}/UNFINISHED`;

const maxMarkBytes = 1024;

/** What a mark says. No one writes to a medium without `writer`. */
interface Mark {
  bundleId: string;
  writer?: { pid: number; start: string; host: string };
}

/** Returns the mark of a medium; undefined when it has none, or one that is not ours. Throws `file.*` and `medium.gone`. */
export async function readMark(root: string): Promise<Mark | undefined> {
  const text = (await readBounded(join(root, unfinishedPath), maxMarkBytes))?.toString() ?? '';
  const [, bundleId] = /^bundle ([0-9a-f]{32}) is being written$/m.exec(text) ?? [];
  const [, pid, start = '', host = ''] = /^by process (\d{1,10}), started (.*), on (.*)$/m.exec(text) ?? [];
  if (bundleId === undefined) return undefined;
  return { bundleId, ...(pid !== undefined && { writer: { pid: Number(pid), start, host } }) };
}

/** Returns the content of a mark by this process. */
export async function markText(bundleId: string): Promise<string> {
  return firstLine(bundleId) + (await writerLine());
}

/** Enters this process in the mark that an interrupted run left, in place: the medium is never without a mark. */
export async function claimMark(root: string, bundleId: string): Promise<void> {
  await writeSecondLine(root, bundleId, await writerLine());
}

/** Leaves the mark, for this or another process to resume. Does nothing when the medium is gone or has the mark of another bundle. */
export async function releaseMark(root: string, bundleId: string): Promise<void> {
  const mark = await readMark(root).catch(() => undefined);
  if (mark?.bundleId === bundleId) await writeSecondLine(root, bundleId, '').catch(() => undefined);
}

/** Throws `pack.medium-busy` while another process on this machine writes to a medium. */
export async function refuseBusy(path: string, mark: Mark | undefined): Promise<void> {
  const { pid, start, host } = mark?.writer ?? { pid: process.pid, start: '', host: '' };
  if (pid === process.pid || host !== hostname()) return;
  if (await isSameProcess(pid, start)) throw appError('pack.medium-busy', { path, pid });
}

/**
 * Throws `pack.medium-taken` when a medium that this bundle was being written to no longer has its mark, `medium.gone` when the medium is
 * not there any more, and `file.*` when it can't be read.
 */
export async function refuseTaken({ path }: { path: string }, bundleId: string): Promise<void> {
  if (!(await pathExists(join(path, mediumFolder)))) throw appError('medium.gone', { path });
  const mark = await readMark(path);
  if (mark?.bundleId !== bundleId) throw appError('pack.medium-taken', { path });
}

function firstLine(bundleId: string): string {
  return `bundle ${bundleId} is being written\n`;
}

async function writerLine(): Promise<string> {
  return `by process ${process.pid}, started ${await processStart(process.pid)}, on ${hostname()}\n`;
}

async function writeSecondLine(root: string, bundleId: string, line: string): Promise<void> {
  const file = await reopen(join(root, unfinishedPath));
  try {
    const at = firstLine(bundleId).length;
    await file?.truncate(at);
    await file?.write(line, at);
    await file?.sync();
  } finally {
    await closeFile(file);
  }
}
