import type { JobProgress, StepEnd } from '../../shared/jobs.ts';

/** What long-running work receives from its caller: a signal for cancellation, and ways to report progress. */
export interface Work {
  /** The work must check it at least once per block of data or request, and throw `signal.reason` when it aborts. */
  signal: AbortSignal;
  /** Starts a step and marks the previous one as done. Progress starts from zero. */
  step(id: string, title: string): void;
  /** Marks the current step as not successful, although the work continues or succeeds. */
  endStep(state: StepEnd): void;
  /** Reports the progress of the current step. May be called often: it is throttled, and the last value is always reported. */
  progress(progress: JobProgress): void;
  log(line: string): void;
  warn(line: string): void;
}

/** Returns a `Work` that reports to no one, for tests and short calls. */
export function quietWork(signal: AbortSignal = new AbortController().signal): Work {
  const nothing = () => undefined;
  return { signal, step: nothing, endStep: nothing, progress: nothing, log: nothing, warn: nothing };
}
