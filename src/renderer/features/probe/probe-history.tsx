import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { probeResult } from '../../../shared/contract/probe.ts';
import { timeText } from '../../../shared/time-text.ts';
import { newestFirst, useJobs } from '../../state/jobs.ts';
import { probeText as text } from '../../text/probe.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { verdictOf } from './verdict-of.ts';

const mostShown = 40;

/** Shows the verdicts of the last probes of a site in a row, oldest first, once there are several. */
export function ProbeHistory({ siteFile }: { siteFile: string }) {
  const byId = useJobs((jobs) => jobs.byId);
  const seen = useMemo(() => {
    const own = newestFirst(byId).filter((job) => job.kind === 'probe.run' && job.subject === siteFile);
    return own.flatMap((job) => {
      const read = job.state === 'succeeded' ? probeResult.safeParse(job.result) : undefined;
      return read?.success ? [{ id: job.id, at: read.data.at, ...verdictOf(read.data) }] : [];
    });
  }, [byId, siteFile]);
  if (seen.length < 2) return null;
  const shown = seen.slice(0, mostShown).reverse();
  return (
    <div>
      <Text size="xs" className="sl-quiet">
        {text.history(shown.length)}
      </Text>
      <ol className="sl-history" aria-label={text.history(shown.length)}>
        {shown.map(({ id, at, mark, said }) => (
          <li key={id} title={`${timeText(at)}: ${said}`}>
            <StateMark status={mark} wordless />
            <span className="sl-hidden">{timeText(at)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
