import type { JobSnapshot } from '../../shared/jobs.ts';

const leastMs = 1000;
const keptRates = 120;

/** How fast the current step of a job has been. */
export interface Course {
  step: string;
  last?: { atMs: number; doneBytes: number };
  /** Bytes per second, each over at least a second, oldest first. */
  rates: readonly number[];
}

/** Returns the course after one more snapshot of the job. Each step starts a new one: writing and reading back are not comparable. */
export function follow(course: Course | undefined, { steps, stepStartedAt, progress, updatedAt }: JobSnapshot): Course {
  const step = `${steps.at(-1)?.id} ${stepStartedAt}`;
  const now = course?.step === step ? course : { step, rates: [] };
  if (progress?.unit !== 'bytes') return now;
  const atMs = Date.parse(updatedAt);
  const { last, rates } = now;
  const next = { atMs, doneBytes: progress.done };
  // A clock that was set back starts over.
  if (!last || atMs < last.atMs) return { ...now, last: next };
  if (atMs - last.atMs < leastMs) return now;
  const rate = (1000 * Math.max(0, progress.done - last.doneBytes)) / (atMs - last.atMs);
  return { step, last: next, rates: [...rates, rate].slice(-keptRates) };
}
