import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { isEnded, type JobSnapshot } from '../../shared/jobs.ts';
import { percentOf, progressText } from '../../shared/progress-text.ts';
import { cancelJob, showJobs } from '../state/jobs.ts';
import { appText } from '../text/app.ts';
import { coreLanguage } from '../text/language.ts';
import { StateMark } from './state-mark.tsx';

type Step = JobSnapshot['steps'][number];

/* As many of the newest steps stay unfolded while a job runs: the one at work, and what was done just before. */
const shownSteps = 3;
const stepStatus = { working: 'working', done: 'done', failed: 'blocked', skipped: 'todo' } as const;

/**
 * Shows a job: its steps, and while it runs its progress and a button to stop it. Earlier steps that are finished are folded until it has
 * ended, so that they don't push the one at work out of sight.
 */
export function JobProgress({ job, withSteps = true }: { job: JobSnapshot; withSteps?: boolean }) {
  const percent = percentOf(job);
  const steps = withSteps ? job.steps : job.steps.slice(-1);
  const newest = isEnded(job) ? steps : steps.slice(-shownSteps);
  const earlier = steps.slice(0, steps.length - newest.length);
  const folded = earlier.filter(isFinished);
  return (
    <Stack gap={8} className="sl-panel">
      {folded.length > 0 && (
        <details>
          <summary>
            <StateMark status="done" wordless /> {appText.earlierSteps(folded.length)}
          </summary>
          <StepList label={appText.earlierSteps(folded.length)} steps={folded} />
        </details>
      )}
      <StepList label={job.title} steps={[...earlier.filter((step) => !isFinished(step)), ...newest]} />
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

function isFinished({ state }: Step): boolean {
  return state === 'done' || state === 'skipped';
}

function StepList({ label, steps }: { label: string; steps: readonly Step[] }) {
  return (
    <ol className="sl-steps" aria-label={label} lang={coreLanguage}>
      {steps.map((step) => (
        <li key={step.id + step.title}>
          <StateMark status={stepStatus[step.state]} wordless /> {step.title}
        </li>
      ))}
    </ol>
  );
}
