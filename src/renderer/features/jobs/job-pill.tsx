import { Button } from '@mantine/core';
import { isEnded } from '../../../shared/jobs.ts';
import { percentText } from '../../../shared/progress-text.ts';
import { newestFirst, showJobs, useJobs } from '../../state/jobs.ts';
import { appText } from '../../text/app.ts';
import { StateMark } from '../../ui/state-mark.tsx';

/** What runs now, in the header; opens the drawer. */
export function JobPill() {
  const byId = useJobs((jobs) => jobs.byId);
  const running = newestFirst(byId).filter((job) => !isEnded(job));
  const [first] = running;
  const label = !first
    ? appText.jobs
    : running.length > 1
      ? appText.jobsRunning(running.length)
      : [first.title, percentText(first)].join(' ');
  return (
    <Button variant="default" size="compact-sm" onClick={() => showJobs()} maw={260}>
      {first && <StateMark status="working" wordless />} {label} ▾
    </Button>
  );
}
