import { describe, expect, it } from 'vitest';
import { contract } from '../../../src/shared/contract/index.ts';
import { type JobEvent, type JobSnapshot, reduceJob } from '../../../src/shared/jobs.ts';
import { percentOf, progressText } from '../../../src/shared/progress-text.ts';
import type { Method } from '../../../src/shared/rpc/contract.ts';

const mib = 2 ** 20;

/** Snapshots of a job after each event. An event is a step's id, or how much of 100 MiB of the step is done. */
function follow(shares: Readonly<Record<string, number>> | undefined, ...events: (string | number)[]): JobSnapshot[] {
  const base = (index: number) => ({ jobId: 'j', seq: index + 2, at: new Date(index * 1000).toISOString() });
  const started = { type: 'started', ...base(-1), kind: 'k', title: 't', ...(shares && { shares }) } as JobEvent;
  const all = events.map((event, index) =>
    typeof event === 'string'
      ? ({ type: 'step', ...base(index), id: event, title: event } as JobEvent)
      : ({
          type: 'progress',
          ...base(index),
          progress: { done: event * mib, total: 100 * mib, unit: 'bytes' },
        } as JobEvent),
  );
  const snapshots = [reduceJob(undefined, started)];
  for (const event of all) snapshots.push(reduceJob(snapshots.at(-1), event));
  return snapshots;
}

describe('the progress of a whole job', () => {
  const jobs = Object.entries(contract).flatMap(([area, methods]) =>
    Object.entries(methods as Record<string, Method>).flatMap(([verb, method]) =>
      method.kind === 'job' && method.shares ? [[`${area}.${verb}`, method.shares] as const] : [],
    ),
  );

  it.each(jobs)('has shares that make one whole: %s', (_name, shares) => {
    expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  });

  it.each(jobs)('only grows over all steps, and over a step that starts again: %s', (_name, shares) => {
    const events = Object.keys(shares).flatMap((step) => [step, 0, 50, 100, 0, 30]);
    const percents = follow(shares, ...events).map((job) => percentOf(job) ?? -1);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents[0]).toBe(0);
    expect(percents.at(-1)).toBeGreaterThan(50);
  });

  it('counts the share of a step that was left out, and ends complete', () => {
    const shares = { read: 0.5, write: 0.5 };
    expect(follow(shares, 'write', 50).map(percentOf)).toEqual([0, 50, 75]);
    const job = follow(shares, 'read', 10).at(-1);
    const end: JobEvent = { type: 'finished', jobId: 'j', seq: 99, at: new Date(9000).toISOString(), result: null };
    expect(percentOf(reduceJob(job, end))).toBe(100);
  });

  it('is that of the step where the shares are not known', () => {
    expect(follow(undefined, 'a', 40).map(percentOf)).toEqual([undefined, undefined, 40]);
  });
});

describe('the line of progress', () => {
  const lines = (...events: (string | number)[]) => follow({ read: 0.5, write: 0.5 }, ...events).map(progressText);

  it('measures until the first second has passed, then says how long the step still takes', () => {
    expect(lines('read', 0, 20, 40).slice(1)).toEqual([
      '0 % of the job',
      '0 % of the job · 0 B of 100 MiB in this step · measuring',
      '10 % of the job · 20.0 MiB of 100 MiB in this step · 10.0 MiB/s · 8 s left',
      '20 % of the job · 40.0 MiB of 100 MiB in this step · 13.3 MiB/s · 5 s left',
    ]);
  });

  it('measures no rate from what an earlier run had done', () => {
    const at = (seconds: number) => ({ jobId: 'j', seq: seconds * 10 + 2, at: new Date(seconds * 1000).toISOString() });
    const done = (part: number) => ({ progress: { done: part * mib, total: 100 * mib, unit: 'bytes' as const } });
    const events: JobEvent[] = [
      { type: 'started', ...at(0), kind: 'k', title: 't' },
      { type: 'step', ...at(0.1), id: 'write', title: 'write' },
      { type: 'progress', ...at(0.2), ...done(60) },
      { type: 'progress', ...at(2.1), ...done(70) },
    ];
    const job = events.reduce<JobSnapshot | undefined>(reduceJob, undefined);
    expect(job && progressText(job)).toBe('70 % · 70.0 MiB of 100 MiB · 5.0 MiB/s · 6 s left');
  });

  it('has no time left for a step that is complete', () => {
    expect(lines('read', 50, 100).at(-1)).toBe('50 % of the job · 100 MiB of 100 MiB in this step · 50.0 MiB/s');
  });
});
