import type { jobs } from '../../../shared/contract/jobs.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { JobRunner } from './job-runner.ts';
import { readJournal } from './journal.ts';

/** Implements the contract's area `jobs`. */
export function jobsHandlers(runner: JobRunner, folder: string): AreaHandlers<typeof jobs> {
  const list = async () => {
    const own = await runner.list();
    const past = await readJournal(folder);
    return [...own, ...past.filter((job) => own.every((mine) => mine.id !== job.id))];
  };
  return {
    list: async () => ({ jobs: await list() }),
    watchAll: (_input, { signal }) => runner.watchAll(list, signal),
    watch: ({ jobId, afterSeq }, { signal }) => runner.watch(jobId, afterSeq, signal),
    cancel: async ({ jobId }) => {
      await runner.cancel(jobId);
      return {};
    },
  };
}
