import { type BrowserWindow, Notification } from 'electron';
import { contract } from '../../shared/contract/index.ts';
import { isEnded, type JobSnapshot } from '../../shared/jobs.ts';
import { percentOf } from '../../shared/progress-text.ts';
import { connect } from '../../shared/rpc/connect.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';

/** A job that a person has waited for this long is announced when it ends. */
const longMs = 30_000;

const ends = {
  succeeded: 'is done',
  failed: 'failed',
  cancelled: 'was stopped',
  interrupted: 'was interrupted',
} as const;

/**
 * Shows running jobs outside the window until the pipe closes: their progress on the taskbar, and the end of a long one as a notification
 * while the window is not in front.
 */
export async function showJobs(window: BrowserWindow, pipe: Pipe): Promise<void> {
  const running = new Map<string, JobSnapshot>();
  try {
    for await (const change of connect(contract, pipe, 'the core').jobs.watchAll({})) {
      if (change.type === 'listed') continue;
      const { job } = change;
      if (!isEnded(job)) running.set(job.id, job);
      else if (running.delete(job.id)) announce(window, job);
      if (window.isDestroyed()) return;
      window.setProgressBar(barOf([...running.values()]));
    }
  } catch {
    // The core ended. The page says so.
  } finally {
    if (!window.isDestroyed()) window.setProgressBar(-1);
  }
}

/** Returns what Electron's progress bar takes: a fraction, more than 1 if it is unknown, less than 0 for none. */
export function barOf(running: readonly JobSnapshot[]): number {
  const [first] = running;
  if (!first) return -1;
  const percent = running.length === 1 ? percentOf(first) : undefined;
  return percent === undefined ? 2 : percent / 100;
}

function announce(window: BrowserWindow, job: JobSnapshot): void {
  const { state, startedAt, title } = job;
  if (state === 'running' || state === 'cancelling' || Date.now() - Date.parse(startedAt) < longMs) return;
  if (window.isDestroyed() || window.isFocused() || !Notification.isSupported()) return;
  const note = new Notification({ title: 'Sealift', body: `${title} ${ends[state]}.` });
  note.on('click', () => {
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  });
  note.show();
}
