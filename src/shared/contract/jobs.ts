import { z } from 'zod';
import { jobChange, jobEvent, jobSnapshot } from '../jobs.ts';
import { call, stream } from '../rpc/contract.ts';

/** Looking at jobs and stopping them. */
export const jobs = {
  list: call(z.object({}), z.object({ jobs: z.array(jobSnapshot) })),
  watch: stream(z.object({ jobId: z.string().max(64), afterSeq: z.int().nonnegative().default(0) }), jobEvent),
  /** All jobs, then each job again when something happened to it: at most ten times a second a job, its last state always. */
  watchAll: stream(z.object({}), jobChange),
  cancel: call(z.object({ jobId: z.string().max(64) }), z.object({}), { writes: true }),
};
