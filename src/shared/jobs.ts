import { z } from 'zod';
import { wireError } from './rpc/frames.ts';

/** State of a job. `interrupted` is set at the next start for a job whose process died. */
export const jobState = z.enum(['running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'interrupted']);
/** `item`: the current file, layer or hop; absent before the first and after the last. */
const jobLane = z.object({
  done: z.number().nonnegative(),
  total: z.number().nonnegative(),
  item: z.string().optional(),
});
/** How much of a step is done. Without `total` the amount of work is unknown; do not make one up. */
export const jobProgress = z.object({
  done: z.number().nonnegative(),
  total: z.number().nonnegative().optional(),
  unit: z.enum(['bytes', 'items']),
  /** The current file, layer or hop. */
  item: z.string().optional(),
  /** Where a step does several things side by side: each of them by name, in the same unit. */
  lanes: z.record(z.string(), jobLane).optional(),
});
const stepEnd = z.enum(['failed', 'skipped']);
const step = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['working', 'done', ...stepEnd.options]),
});
const base = { jobId: z.string(), seq: z.int().nonnegative(), at: z.iso.datetime() };

/** An event of a job, in order of `seq` (1, 2, …). */
export const jobEvent = z.discriminatedUnion('type', [
  z.object({
    ...base,
    type: z.literal('started'),
    kind: z.string(),
    title: z.string(),
    subject: z.string().optional(),
    shares: z.record(z.string(), z.number()).optional(),
  }),
  z.object({ ...base, type: z.literal('step'), id: z.string(), title: z.string() }),
  z.object({ ...base, type: z.literal('step-ended'), state: stepEnd }),
  z.object({ ...base, type: z.literal('progress'), progress: jobProgress }),
  z.object({ ...base, type: z.literal('log'), line: z.string() }),
  z.object({ ...base, type: z.literal('warning'), line: z.string() }),
  z.object({ ...base, type: z.literal('cancelling') }),
  z.object({ ...base, type: z.literal('finished'), result: z.unknown() }),
  z.object({ ...base, type: z.literal('failed'), error: wireError }),
  z.object({ ...base, type: z.literal('cancelled') }),
  z.object({ ...base, type: z.literal('interrupted') }),
]);
/** Everything known about a job: plain data, rebuilt from its events by `reduceJob`. */
export const jobSnapshot = z.object({
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  /** The job's site as it was given: its name or its site file. Absent if the job is not about a site. */
  subject: z.string().optional(),
  state: jobState,
  steps: z.array(step),
  progress: jobProgress.optional(),
  /** The usual share of each step in the whole job, by step id. */
  shares: z.record(z.string(), z.number()).optional(),
  /** How much of the whole job is done, from 0 to 1; it never shrinks. Absent for a job without shares. */
  whole: z.number().min(0).max(1).optional(),
  /** Units per second since the step started; absent until measured. */
  rate: z.number().optional(),
  /** The last 50 log lines and warnings. */
  logTail: z.array(z.string()),
  result: z.unknown().optional(),
  error: wireError.optional(),
  seq: z.int().nonnegative(),
  startedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  stepStartedAt: z.iso.datetime(),
  /** What was done of the step when it reported its progress within its first second: an earlier run may have done it. */
  doneBefore: z.number().optional(),
});

/** Sent to a watcher of all jobs: every current job, then `listed` once, then each job that changes. */
export const jobChange = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), job: jobSnapshot }),
  z.object({ type: z.literal('listed') }),
]);

/** How an unsuccessful step ended: it failed, or it was skipped and says nothing. */
export type StepEnd = z.infer<typeof stepEnd>;
export type JobChange = z.infer<typeof jobChange>;
export type JobProgress = z.infer<typeof jobProgress>;
export type JobEvent = z.infer<typeof jobEvent>;
export type JobSnapshot = z.infer<typeof jobSnapshot>;

/** Returns whether the job is over. */
export function isEnded(job: JobSnapshot): boolean {
  return job.state !== 'running' && job.state !== 'cancelling';
}

/** Returns the snapshot after one more event. The first event must be `started`; events already seen are ignored. */
export function reduceJob(before: JobSnapshot | undefined, event: JobEvent): JobSnapshot {
  if (event.type === 'started') return firstSnapshot(event);
  if (!before) throw new Error(`job ${event.jobId} has no start`);
  if (event.seq <= before.seq) return before;
  const job = { ...before, seq: event.seq, updatedAt: event.at };
  switch (event.type) {
    case 'step': {
      const { progress: _progress, rate: _rate, doneBefore: _before, ...rest } = job;
      const steps = [...closeSteps(job, 'done'), { id: event.id, title: event.title, state: 'working' as const }];
      return withWhole({ ...rest, stepStartedAt: event.at, steps });
    }
    case 'step-ended':
      return { ...job, steps: closeSteps(job, event.state) };
    case 'progress':
      return withWhole(withRate({ ...job, progress: event.progress }, event.at));
    case 'log':
    case 'warning':
      return { ...job, logTail: [...job.logTail, event.line].slice(-50) };
    case 'cancelling':
      return { ...job, state: 'cancelling' };
    case 'finished':
      return {
        ...job,
        state: 'succeeded',
        result: event.result,
        steps: closeSteps(job, 'done'),
        endedAt: event.at,
        ...(job.shares && { whole: 1 }),
      };
    case 'failed':
      return { ...job, state: 'failed', error: event.error, steps: closeSteps(job, 'failed'), endedAt: event.at };
    case 'cancelled':
    case 'interrupted':
      return { ...job, state: event.type, steps: closeSteps(job, 'failed'), endedAt: event.at };
  }
}

function firstSnapshot(event: Extract<JobEvent, { type: 'started' }>): JobSnapshot {
  const { jobId: id, kind, title, subject, shares, seq, at } = event;
  return {
    id,
    kind,
    title,
    ...(subject !== undefined && { subject }),
    ...(shares && { shares, whole: 0 }),
    state: 'running',
    steps: [],
    logTail: [],
    seq,
    startedAt: at,
    updatedAt: at,
    stepStartedAt: at,
  };
}

function closeSteps(job: JobSnapshot, state: 'done' | StepEnd): JobSnapshot['steps'] {
  return job.steps.map((one) => (one.state === 'working' ? { ...one, state } : one));
}

/** Adds the shares of the steps before to what the current one has done of its own. A step that was left out counts as done. */
function withWhole(job: JobSnapshot): JobSnapshot {
  const { shares, progress, steps, whole = 0 } = job;
  if (!shares) return job;
  const current = steps.at(-1)?.id;
  const before = Object.keys(shares).indexOf(current ?? '');
  if (before < 0) return job;
  const done = Object.values(shares)
    .slice(0, before)
    .reduce((sum, share) => sum + share, 0);
  const own = progress?.total ? Math.min(1, progress.done / progress.total) * (shares[current ?? ''] ?? 0) : 0;
  return { ...job, whole: Math.min(1, Math.max(whole, done + own)) };
}

function withRate(job: JobSnapshot, at: string): JobSnapshot {
  const { progress, stepStartedAt, doneBefore } = job;
  const seconds = (Date.parse(at) - Date.parse(stepStartedAt)) / 1000;
  if (!progress) return job;
  if (seconds < 1) return doneBefore === undefined ? { ...job, doneBefore: progress.done } : job;
  return { ...job, rate: Math.max(0, progress.done - (doneBefore ?? 0)) / seconds };
}
