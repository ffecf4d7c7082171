import type { JobSnapshot } from './jobs.ts';

/** The states of a job, as people read them. */
export const jobStateWords: Record<JobSnapshot['state'], string> = {
  running: 'running',
  cancelling: 'stopping',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'stopped',
  interrupted: 'interrupted',
};

/** The state of a job that did its work, although one of its steps failed. */
export const failedStepWords = 'finished, with a failed step';

/** Returns whether a job did its work although one of its steps failed. */
export function hasFailedStep({ state, steps }: JobSnapshot): boolean {
  return state === 'succeeded' && steps.some((step) => step.state === 'failed');
}

/** The states of a job's step, as people read them. */
export const jobStepWords: Record<JobSnapshot['steps'][number]['state'], string> = {
  working: 'in progress',
  done: 'done',
  failed: 'failed',
  skipped: 'skipped',
};
