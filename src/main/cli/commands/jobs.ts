import { isEnded, type JobSnapshot } from '../../../shared/jobs.ts';
import { progressText } from '../../../shared/progress-text.ts';
import type { Cli } from '../cli.ts';
import { columns } from '../columns.ts';

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
        return { data, human: columns(data.jobs.map(jobRow)).join('\n') || 'No jobs yet.' };
      }),
    );
}

/** Marks an unfinished job as interrupted. No one holds the data folder, so its process was killed; the next writer will record that. */
function died(job: JobSnapshot): JobSnapshot {
  return isEnded(job) ? job : { ...job, state: 'interrupted' };
}

function jobRow(job: JobSnapshot): string[] {
  const detail = job.error ? job.error.message : progressText(job);
  return [job.startedAt, job.state, `${job.title}${detail ? `  (${detail})` : ''}`];
}
