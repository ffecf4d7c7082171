import { describe, expect, it } from 'vitest';
import { type Course, follow } from '../../../src/renderer/ui/throughput-course.ts';
import type { JobSnapshot } from '../../../src/shared/jobs.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

function course(...seen: [seconds: number, doneBytes: number, step?: string][]): readonly number[] {
  const end = seen.reduce<Course | undefined>(
    (before, [seconds, done, step = 'write']) => follow(before, jobAt(seconds, done, step)),
    undefined,
  );
  return end?.rates ?? [];
}

function jobAt(seconds: number, done: number, step: string): JobSnapshot {
  return {
    id: 'j',
    kind: 'bundle.pack',
    title: 'Packing',
    state: 'running',
    steps: [{ id: step, title: step, state: 'working' }],
    progress: { done, total: 1000, unit: step === 'plan' ? 'items' : 'bytes' },
    logTail: [],
    seq: seconds,
    startedAt: at(0),
    updatedAt: at(seconds),
    stepStartedAt: at(0),
  };
}

describe('the throughput of a job', () => {
  it('is measured over at least a second each', () => {
    expect(course([0, 0], [0.1, 50], [1, 100], [1.5, 180], [3, 200])).toEqual([100, 50]);
  });

  it('starts over with each step, and where the clock was set back', () => {
    expect(course([0, 0], [1, 100], [2, 0, 'read-back'], [4, 20, 'read-back'])).toEqual([10]);
    expect(course([10, 0], [11, 100], [1, 200], [2, 240])).toEqual([100, 40]);
  });

  it('is that of bytes only', () => {
    expect(course([0, 0, 'plan'], [1, 10, 'plan'], [2, 20, 'plan'])).toEqual([]);
  });
});
