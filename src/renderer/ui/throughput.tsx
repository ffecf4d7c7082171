import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { bytesText } from '../../shared/bytes-text.ts';
import type { JobSnapshot } from '../../shared/jobs.ts';
import { appText } from '../text/app.ts';
import { Sparkline } from './sparkline.tsx';
import { type Course, follow } from './throughput-course.ts';

/** Draws how fast the current step of a job reads or writes, since this page was opened. Shows nothing until it was measured twice. */
export function Throughput({ job }: { job: JobSnapshot }) {
  const [course, setCourse] = useState<Course>();
  useEffect(() => setCourse((before) => follow(before, job)), [job]);
  const rates = course?.rates ?? [];
  const now = rates.at(-1);
  if (rates.length < 2 || now === undefined) return null;
  const words = appText.throughput(`${bytesText(now)}/s`, `${bytesText(Math.max(...rates))}/s`);
  return (
    <div className="sl-panel">
      <Text size="xs" className="sl-quiet">
        {words}
      </Text>
      <Sparkline values={rates} label={words} />
    </div>
  );
}
