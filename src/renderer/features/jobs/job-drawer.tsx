import { Drawer, Stack, Text } from '@mantine/core';
import type { WizardStep } from '../../../shared/contract/wizard.ts';
import { isEnded, type JobSnapshot } from '../../../shared/jobs.ts';
import { timeText } from '../../../shared/time-text.ts';
import { newestFirst, useJobs } from '../../state/jobs.ts';
import { appText } from '../../text/app.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { StateMark } from '../../ui/state-mark.tsx';

const statusOf: Record<JobSnapshot['state'], WizardStep['status']> = {
  running: 'working',
  cancelling: 'working',
  succeeded: 'done',
  failed: 'blocked',
  cancelled: 'look',
  interrupted: 'look',
};

/** All jobs, newest first; one opened with its steps, log and error. */
export function JobDrawer() {
  const { byId, isDrawerOpen, shown } = useJobs();
  const jobs = newestFirst(byId);
  return (
    <Drawer
      opened={isDrawerOpen}
      onClose={() => useJobs.setState({ isDrawerOpen: false })}
      position="right"
      size={480}
      title={appText.jobs}
      closeButtonProps={{ 'aria-label': appText.close }}
    >
      {jobs.length === 0 && <Text>{appText.noJobs}</Text>}
      <Stack gap={8}>
        {jobs.map((job) => (
          <details key={job.id} open={job.id === shown || (!shown && !isEnded(job))}>
            <summary>
              <StateMark status={statusOf[job.state]} wordless /> {job.title}{' '}
              <span className="sl-quiet">
                {appText.jobState[job.state]}, {appText.started.toLowerCase()} {timeText(job.startedAt)}
              </span>
            </summary>
            <Stack gap={8} pt={8}>
              <JobProgress job={job} />
              {job.error && <ErrorPanel error={job.error} />}
              {job.logTail.length > 0 && <pre className="sl-pre">{job.logTail.join('\n')}</pre>}
            </Stack>
          </details>
        ))}
      </Stack>
    </Drawer>
  );
}
