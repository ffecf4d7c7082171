import { setTimeout as sleep } from 'node:timers/promises';
import type { JobChange, JobSnapshot } from '../../src/shared/jobs.ts';
import { hostile } from './hostile-text.ts';

/** How many changes `flood` sends: of forty jobs with ten changes per second each, the most that the job runner passes on. */
export const floodedChanges = 40 * 51;

/** Sends 400 changes per second of forty jobs with long names, until all are at 100 %. */
export async function* flood(): AsyncGenerator<JobChange> {
  const jobs = Array.from({ length: 40 }, (_, n) => runningJob(n));
  for (const job of jobs) yield { type: 'job', job };
  yield { type: 'listed' };
  for (let done = 0; done <= 1000; done += 20) {
    for (const job of jobs)
      yield { type: 'job', job: { ...job, progress: { done, total: 1000, unit: 'items', item: hostile } } };
    await sleep(100);
  }
  await sleep(60_000);
}

/** A running job with a hostile title and a long log. */
export function runningJob(n: number): JobSnapshot {
  const at = new Date(Date.UTC(2026, 4, 1, 10, n)).toISOString();
  return {
    id: `job-${n}`,
    kind: 'imports.run',
    title: `Job ${n} ${hostile}`,
    state: 'running',
    steps: [{ id: 'one', title: hostile, state: 'working' }],
    logTail: Array.from({ length: 50 }, () => hostile),
    seq: 1,
    startedAt: at,
    updatedAt: at,
    stepStartedAt: at,
  };
}
