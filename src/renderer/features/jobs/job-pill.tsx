import { Button } from '@mantine/core';
import { isEnded } from '../../../shared/jobs.ts';
import { percentText } from '../../../shared/progress-text.ts';
import { newestFirst, showJobs, useJobs } from '../../state/jobs.ts';
import { appText } from '../../text/app.ts';
import { coreLanguage } from '../../text/language.ts';
import { StateMark } from '../../ui/state-mark.tsx';

/** Shows what runs now, and opens the job drawer. A title too long for the header ends in an ellipsis; the tooltip has all of it. */
export function JobPill() {
  const byId = useJobs((jobs) => jobs.byId);
  const running = newestFirst(byId).filter((job) => !isEnded(job));
  const [first] = running;
  const title = !first ? appText.jobs : running.length > 1 ? appText.jobsRunning(running.length) : first.title;
  const percent = first && running.length === 1 ? percentText(first) : '';
  return (
    <Button
      variant="default"
      size="compact-sm"
      classNames={{ root: 'sl-pill', label: 'sl-pill-label' }}
      title={[title, percent].filter(Boolean).join(' ')}
      onClick={() => showJobs()}
    >
      {first && <StateMark status="working" wordless />}
      <span className="sl-pill-title" lang={running.length === 1 ? coreLanguage : undefined}>
        {title}
      </span>
      {percent && <span>{percent}</span>}
      <span aria-hidden>▾</span>
    </Button>
  );
}
