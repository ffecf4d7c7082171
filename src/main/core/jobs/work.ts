import type { JobProgress, StepEnd } from '../../../shared/jobs.ts';

/** What long work is given by whoever runs it: how to be cancelled, and how to say where it stands. */
export interface Work {
  /** Always honoured, at the latest after one block of data or one request; the work then throws `signal.reason`. */
  signal: AbortSignal;
  /** Opens a step and closes the one before as done; progress starts anew. */
  step(id: string, title: string): void;
  /** Closes the open step as one that did not go well, where the work goes on or ends well nevertheless. */
  endStep(state: StepEnd): void;
  /** How far the open step is. May be called often: it is throttled, and the last value is never lost. */
  progress(progress: JobProgress): void;
  log(line: string): void;
  warn(line: string): void;
}

/** Work that nobody watches: for tests and for short calls. */
export function quietWork(signal: AbortSignal = new AbortController().signal): Work {
  const nothing = () => undefined;
  return { signal, step: nothing, endStep: nothing, progress: nothing, log: nothing, warn: nothing };
}
