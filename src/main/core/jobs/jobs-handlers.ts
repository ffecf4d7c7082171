import type { jobs } from '../../../shared/contract/jobs.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { JobRunner } from './job-runner.ts';

/** Implements the contract's area `jobs`. */
export function jobsHandlers(runner: JobRunner): AreaHandlers<typeof jobs> {
  return {
    list: async () => ({ jobs: await runner.list() }),
    watchAll: (_input, { signal }) => runner.watchAll(signal),
    watch: ({ jobId, afterSeq }, { signal }) => runner.watch(jobId, afterSeq, signal),
    cancel: async ({ jobId }) => {
      await runner.cancel(jobId);
      return {};
    },
  };
}
