import { isEnded, type JobSnapshot } from '../../../shared/jobs.ts';
import { progressText } from '../../../shared/progress-text.ts';
import type { Cli } from '../cli.ts';

/** Adds `sealift jobs`. */
export function jobsCommands(cli: Cli): void {
  cli.program
    .command('jobs')
    .description('list the jobs of this data folder, newest first')
    .action(
      cli.action({ writes: false }, async ({ client, owner }) => {
        // Only the process that runs a job knows its latest progress.
        const running = await owner();
        const { jobs } = await (running ?? client).jobs.list({});
        const data = { jobs: running ? jobs : jobs.map(died) };
        return { data, human: data.jobs.map(jobLine).join('\n') || 'No jobs yet.' };
      }),
    );
}

/** A job that had not ended when nobody holds the data folder any more: its process was killed. The next one that writes notes it. */
function died(job: JobSnapshot): JobSnapshot {
  return isEnded(job) ? job : { ...job, state: 'interrupted' };
}

function jobLine(job: JobSnapshot): string {
  const detail = job.error ? job.error.message : progressText(job);
  return `${job.startedAt}  ${job.state.padEnd(11)} ${job.title}${detail ? `  (${detail})` : ''}`;
}
