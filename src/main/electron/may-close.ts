import { type BrowserWindow, dialog } from 'electron';
import { contract } from '../../shared/contract/index.ts';
import { isEnded } from '../../shared/jobs.ts';
import { connect } from '../../shared/rpc/connect.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';

/** Whether the window may close: asks the person when jobs run that would be stopped with it. Deployed services are none of them. */
export async function mayClose(window: BrowserWindow, pipe: Pipe): Promise<boolean> {
  const titles = await runningTitles(pipe).finally(() => pipe.close());
  if (titles.length === 0) return true;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: titles.length === 1 ? `Still running: ${titles[0]}` : `${titles.length} jobs are running`,
    detail: [
      ...(titles.length === 1 ? [] : titles),
      'Closing the window stops this; it can be started again later. What is deployed goes on without the window.',
    ].join('\n'),
    buttons: ['Keep the window open', 'Stop and close'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1;
}

/** A core that does not answer runs nothing that could be lost. */
async function runningTitles(pipe: Pipe): Promise<string[]> {
  const client = connect(contract, pipe, 'the core');
  try {
    // Without the lock, the jobs that are listed are those of the one who holds it.
    if (!(await client.shell.hello({})).mayWrite) return [];
    const { jobs } = await client.jobs.list({});
    return jobs.filter((job) => !isEnded(job)).map((job) => job.title);
  } catch {
    return [];
  }
}
