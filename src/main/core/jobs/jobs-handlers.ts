import { withinBudget } from '../../../shared/bounded-text.ts';
import type { jobs } from '../../../shared/contract/jobs.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { JobRunner } from './job-runner.ts';

/** Implements the contract's area `jobs`. */
export function jobsHandlers(runner: JobRunner): AreaHandlers<typeof jobs> {
  return {
    list: async () => {
      const all = (await runner.list()).map(({ result: _result, ...job }) => ({ ...job, logTail: [] }));
      const jobs = withinBudget(all, 900_000);
      return { jobs, ...(jobs.length < all.length && { leftOutCount: all.length - jobs.length }) };
    },
    show: ({ jobId }) => runner.show(jobId),
    watchAll: (_input, { signal }) => runner.watchAll(signal),
    watch: ({ jobId, afterSeq }, { signal }) => runner.watch(jobId, afterSeq, signal),
    cancel: async ({ jobId }) => {
      await runner.cancel(jobId);
      return {};
    },
  };
}
