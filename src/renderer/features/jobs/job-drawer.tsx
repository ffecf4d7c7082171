import { Stack, Text } from '@mantine/core';
import { memo, useState } from 'react';
import type { WizardStep } from '../../../shared/contract/wizard.ts';
import { hasFailedStep } from '../../../shared/job-words.ts';
import { isEnded, type JobSnapshot } from '../../../shared/jobs.ts';
import { percentText } from '../../../shared/progress-text.ts';
import { slug } from '../../../shared/site-file.ts';
import { timeText } from '../../../shared/time-text.ts';
import { newestFirst, useJobs } from '../../state/jobs.ts';
import { appText } from '../../text/app.ts';
import { coreLanguage } from '../../text/language.ts';
import { CommandsAbout } from '../../ui/commands-about.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { SideDrawer } from '../../ui/side-drawer.tsx';
import { StateMark } from '../../ui/state-mark.tsx';

const statusOf: Record<JobSnapshot['state'], WizardStep['status']> = {
  running: 'working',
  cancelling: 'working',
  succeeded: 'done',
  failed: 'blocked',
  cancelled: 'look',
  interrupted: 'look',
};

/** Lists all jobs, newest first. An open job shows its steps, log and error. */
export default function JobDrawer() {
  const isOpen = useJobs((jobs) => jobs.isDrawerOpen);
  return (
    <SideDrawer
      isOpen={isOpen}
      close={() => useJobs.setState({ isDrawerOpen: false })}
      title={appText.jobs}
      width={480}
    >
      <JobList />
    </SideDrawer>
  );
}

function JobList() {
  const { byId, shown } = useJobs();
  const jobs = newestFirst(byId);
  const first = shown ?? jobs.find((job) => !isEnded(job))?.id;
  if (jobs.length === 0) return <Text>{appText.noJobs}</Text>;
  return (
    <Stack gap={8}>
      {jobs.map((job) => (
        <JobRow key={job.id} job={job} isFirst={job.id === first} />
      ))}
    </Stack>
  );
}

/** Renders details only while open, so that many running jobs stay cheap. */
const JobRow = memo(function JobRow({ job, isFirst }: { job: JobSnapshot; isFirst: boolean }) {
  const [isOpen, setOpen] = useState(isFirst);
  const isHalfDone = hasFailedStep(job);
  const word = isHalfDone ? appText.failedStep : appText.jobState[job.state];
  const state = [word, isEnded(job) ? '' : percentText(job)].filter(Boolean).join(' ');
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <StateMark status={isHalfDone ? 'blocked' : statusOf[job.state]} wordless />{' '}
        <span lang={coreLanguage}>{job.title}</span>{' '}
        <span className="sl-quiet">
          {state}, {appText.started(timeText(job.startedAt))}
        </span>
      </summary>
      {isOpen && (
        <Stack gap={8} pt={8}>
          <JobProgress job={job} />
          {job.error && (
            <CommandsAbout {...siteOf(job)}>
              <ErrorPanel error={job.error} />
            </CommandsAbout>
          )}
          {job.logTail.length > 0 && (
            <pre className="sl-pre" lang={coreLanguage}>
              {job.logTail.join('\n')}
            </pre>
          )}
        </Stack>
      )}
    </details>
  );
});

function siteOf({ subject }: JobSnapshot): { site?: string; siteFile?: string } {
  if (subject === undefined) return {};
  return slug.safeParse(subject).success ? { site: subject } : { siteFile: subject };
}
