import type { JobSnapshot } from '../../../shared/jobs.ts';
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
        const data = await ((await owner()) ?? client).jobs.list({});
        return { data, human: data.jobs.map(jobLine).join('\n') || 'No jobs yet.' };
      }),
    );
}

function jobLine(job: JobSnapshot): string {
  const detail = job.error ? job.error.message : progressText(job);
  return `${job.startedAt}  ${job.state.padEnd(11)} ${job.title}${detail ? `  (${detail})` : ''}`;
}
