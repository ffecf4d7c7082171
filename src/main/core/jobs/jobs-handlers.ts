import { withinBudget } from '../../../shared/bounded-text.ts';
import type { jobs } from '../../../shared/contract/jobs.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { JobRunner } from './job-runner.ts';

/** Implements the contract's area `jobs`. */
export function jobsHandlers(runner: JobRunner): AreaHandlers<typeof jobs> {
  return {
    list: async () => {
      const jobs = (await runner.list()).map(({ result: _result, ...job }) => ({ ...job, logTail: [] }));
      return { jobs: withinBudget(jobs, 900_000) };
    },
    watchAll: (_input, { signal }) => runner.watchAll(signal),
    watch: ({ jobId, afterSeq }, { signal }) => runner.watch(jobId, afterSeq, signal),
    cancel: async ({ jobId }) => {
      await runner.cancel(jobId);
      return {};
    },
  };
}
