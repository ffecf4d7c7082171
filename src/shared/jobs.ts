import { z } from 'zod';
import { wireError } from './rpc/frames.ts';

/** Where a job stands. `interrupted` is set at the next start for a job whose process died. */
export const jobState = z.enum(['running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'interrupted']);
/** How much of a step is done; without `total` the whole is unknown and nobody may invent it. */
export const jobProgress = z.object({
  done: z.number().nonnegative(),
  total: z.number().nonnegative().optional(),
  unit: z.enum(['bytes', 'items']),
  /** What is worked on now: a file, a layer, a hop. */
  item: z.string().optional(),
});
const stepEnd = z.enum(['failed', 'skipped']);
const step = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['working', 'done', ...stepEnd.options]),
});
const base = { jobId: z.string(), seq: z.int().nonnegative(), at: z.iso.datetime() };

/** What happens to a job, in order of `seq` (1, 2, …). */
export const jobEvent = z.discriminatedUnion('type', [
  z.object({
    ...base,
    type: z.literal('started'),
    kind: z.string(),
    title: z.string(),
    subject: z.string().optional(),
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
/** All that is known of a job: plain data, rebuilt from its events by `reduceJob`. */
export const jobSnapshot = z.object({
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  /** The site that it is for, as it was named: by its name, or by its site file. Absent for what is for no site. */
  subject: z.string().optional(),
  state: jobState,
  steps: z.array(step),
  progress: jobProgress.optional(),
  /** Units per second since the step began; absent until something was measured. */
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
});

/** What a watcher of all jobs gets: each job as it is now, `listed` once when all were given, then each job that changed. */
export const jobChange = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), job: jobSnapshot }),
  z.object({ type: z.literal('listed') }),
]);

/** How a step ended that did not go well: it failed, or it could not be done and says nothing. */
export type StepEnd = z.infer<typeof stepEnd>;
export type JobChange = z.infer<typeof jobChange>;
export type JobProgress = z.infer<typeof jobProgress>;
export type JobEvent = z.infer<typeof jobEvent>;
export type JobSnapshot = z.infer<typeof jobSnapshot>;

/** True when nothing more will happen to the job by itself. */
export function isEnded(job: JobSnapshot): boolean {
  return job.state !== 'running' && job.state !== 'cancelling';
}

/** The snapshot after one more event; the first event must be `started`. An event that was seen already changes nothing. */
export function reduceJob(before: JobSnapshot | undefined, event: JobEvent): JobSnapshot {
  if (event.type === 'started') return firstSnapshot(event);
  if (!before) throw new Error(`job ${event.jobId} has no start`);
  if (event.seq <= before.seq) return before;
  const job = { ...before, seq: event.seq, updatedAt: event.at };
  switch (event.type) {
    case 'step': {
      const { progress: _progress, rate: _rate, ...rest } = job;
      return {
        ...rest,
        stepStartedAt: event.at,
        steps: [...closeSteps(job, 'done'), { id: event.id, title: event.title, state: 'working' }],
      };
    }
    case 'step-ended':
      return { ...job, steps: closeSteps(job, event.state) };
    case 'progress':
      return withRate({ ...job, progress: event.progress }, event.at);
    case 'log':
    case 'warning':
      return { ...job, logTail: [...job.logTail, event.line].slice(-50) };
    case 'cancelling':
      return { ...job, state: 'cancelling' };
    case 'finished':
      return { ...job, state: 'succeeded', result: event.result, steps: closeSteps(job, 'done'), endedAt: event.at };
    case 'failed':
      return { ...job, state: 'failed', error: event.error, steps: closeSteps(job, 'failed'), endedAt: event.at };
    case 'cancelled':
    case 'interrupted':
      return { ...job, state: event.type, steps: closeSteps(job, 'failed'), endedAt: event.at };
  }
}

function firstSnapshot(event: Extract<JobEvent, { type: 'started' }>): JobSnapshot {
  const { jobId: id, kind, title, subject, seq, at } = event;
  return {
    id,
    kind,
    title,
    ...(subject !== undefined && { subject }),
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

function withRate(job: JobSnapshot, at: string): JobSnapshot {
  const seconds = (Date.parse(at) - Date.parse(job.stepStartedAt)) / 1000;
  return job.progress && seconds >= 1 ? { ...job, rate: job.progress.done / seconds } : job;
}
