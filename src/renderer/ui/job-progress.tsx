import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { isEnded, type JobSnapshot } from '../../shared/jobs.ts';
import { percentOf, progressText } from '../../shared/progress-text.ts';
import { cancelJob, showJobs } from '../state/jobs.ts';
import { appText } from '../text/app.ts';
import { coreLanguage } from '../text/language.ts';
import { StateMark } from './state-mark.tsx';

const stepStatus = { working: 'working', done: 'done', failed: 'blocked', skipped: 'todo' } as const;

/** Shows a job: its steps, and while it runs its progress and a button to stop it. */
export function JobProgress({ job, withSteps = true }: { job: JobSnapshot; withSteps?: boolean }) {
  const percent = percentOf(job);
  const steps = withSteps ? job.steps : job.steps.slice(-1);
  return (
    <Stack gap={8} className="sl-panel">
      <ol className="sl-steps" aria-label={job.title} lang={coreLanguage}>
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
