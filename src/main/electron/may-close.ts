import { type BrowserWindow, dialog } from 'electron';
import { contract } from '../../shared/contract/index.ts';
import { isEnded } from '../../shared/jobs.ts';
import { connect } from '../../shared/rpc/connect.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';

/** Returns whether the window may close. Asks the user if running jobs would be stopped. Deployed services are not affected. */
export async function mayClose(window: BrowserWindow, pipe: Pipe): Promise<boolean> {
  const titles = await runningTitles(pipe).finally(() => pipe.close());
  if (titles.length === 0) return true;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: titles.length === 1 ? `Still running: ${titles[0]}` : `${titles.length} jobs are running`,
    detail: [
      ...(titles.length === 1 ? [] : titles),
      'Closing the window stops this, but you can start it again later. Deployed sites keep running without the window.',
    ].join('\n'),
    buttons: ['Keep the window open', 'Stop and close'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1;
}

/** A core that does not answer has nothing running that could be lost. */
async function runningTitles(pipe: Pipe): Promise<string[]> {
  const client = connect(contract, pipe, 'the core');
  try {
    // Without the lock, the listed jobs belong to the process that holds it.
    if (!(await client.shell.hello({})).mayWrite) return [];
    const { jobs } = await client.jobs.list({});
    return jobs.filter((job) => !isEnded(job)).map((job) => job.title);
  } catch {
    return [];
  }
}
