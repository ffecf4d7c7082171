import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { isEnded, type JobSnapshot } from '../../shared/jobs.ts';
import { progressText } from '../../shared/progress-text.ts';
import { cancelJob, showJobs } from '../state/jobs.ts';
import { appText } from '../text/app.ts';
import { StateMark } from './state-mark.tsx';

const stepStatus = { working: 'working', done: 'done', failed: 'blocked', skipped: 'todo' } as const;

/** A job at work: its steps, the measured progress of the one that runs, and the way to stop it. */
export function JobProgress({ job, withSteps = true }: { job: JobSnapshot; withSteps?: boolean }) {
  const { progress } = job;
  const percent = progress?.total ? Math.floor((100 * progress.done) / progress.total) : undefined;
  const steps = withSteps ? job.steps : job.steps.slice(-1);
  return (
    <Stack gap={8} className="sl-panel">
      <ol className="sl-steps" aria-label={job.title}>
        {steps.map((step) => (
          <li key={step.id + step.title}>
            <StateMark status={stepStatus[step.state]} wordless /> {step.title}
          </li>
        ))}
      </ol>
      {!isEnded(job) && (
        <>
          {percent !== undefined && (
            <Progress value={percent} aria-label={job.title} transitionDuration={0} radius="xs" size="md" />
          )}
          <Group justify="space-between">
            <Text size="sm" className="sl-quiet">
              {progressText(job) || appText.jobState[job.state]}
            </Text>
            <Group gap={8}>
              <Button size="compact-sm" variant="subtle" onClick={() => showJobs(job.id)}>
                {appText.log}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                disabled={job.state === 'cancelling'}
                onClick={() => void cancelJob(job.id)}
              >
                {appText.cancel}
              </Button>
            </Group>
          </Group>
        </>
      )}
    </Stack>
  );
}
