import { failedStepWords, hasFailedStep, jobStateWords, jobStepWords } from '../../../shared/job-words.ts';
import { isEnded, type JobSnapshot } from '../../../shared/jobs.ts';
import { progressText } from '../../../shared/progress-text.ts';
import type { Cli, Session } from '../cli.ts';
import { columns } from '../columns.ts';
import { moreLines } from '../more-lines.ts';
import { remedyLines } from '../print.ts';

/** Adds `sealift jobs` and `sealift jobs show`. */
export function jobsCommands(cli: Cli): void {
  const group = cli.program
    .command('jobs')
    .description('list the jobs of this data folder, newest first')
    .action(
      cli.action({ writes: false }, async ({ client, owner }: Session) => {
        // Only the process that runs a job knows its latest progress.
        const running = await owner();
        const { jobs, leftOutCount = 0 } = await (running ?? client).jobs.list({});
        const listed = running ? jobs : jobs.map(died);
        const lines = [...columns(listed.map(jobRow)), ...moreLines(leftOutCount, '')];
        const data = { jobs: listed, ...(leftOutCount > 0 && { leftOutCount }) };
        return { data, human: lines.join('\n') || 'No jobs yet.' };
      }),
    );
  group
    .command('show <id>')
    .description('show one job with its last lines; with --json also its result, as its command printed it')
    .addHelpText('after', '\nThe exit code is 1 if the job failed, was cancelled or was interrupted.')
    .action(
      cli.action({ writes: false }, async ({ client, owner }: Session, jobId: string) => {
        const running = await owner();
        const found = await (running ?? client).jobs.show({ jobId });
        const data = running ? found : died(found);
        const red = ['failed', 'cancelled', 'interrupted'].includes(data.state);
        return { data, human: jobLines(data).join('\n'), red };
      }),
    );
}

/** Marks an unfinished job as interrupted. No one holds the data folder, so its process was killed; the next writer will record that. */
function died(job: JobSnapshot): JobSnapshot {
  return isEnded(job) ? job : { ...job, state: 'interrupted' };
}

function jobRow(job: JobSnapshot): string[] {
  const detail = job.error ? job.error.message : progressText(job);
  return [job.startedAt, job.id.slice(0, 8), stateText(job), `${job.title}${detail ? `  (${detail})` : ''}`];
}

function stateText(job: JobSnapshot): string {
  return hasFailedStep(job) ? failedStepWords : jobStateWords[job.state];
}

function jobLines(job: JobSnapshot): string[] {
  const { id, title, subject, startedAt, endedAt, error, logTail } = job;
  const facts = [
    ['Job', id],
    ...(subject === undefined ? [] : [['Site', subject]]),
    ['Started', startedAt],
    ...(endedAt === undefined ? [] : [['Ended', endedAt]]),
    ['State', [stateText(job), progressText(job)].filter((one) => one !== '').join(', ')],
  ];
  return [
    title,
    ...columns(facts, '  '),
    ...job.steps.map((step) => `  ${jobStepWords[step.state]}: ${step.title}`),
    ...logTail.map((line) => `  │ ${line}`),
    ...(error ? [error.message, ...error.remedies.flatMap(remedyLines)] : []),
  ];
}
