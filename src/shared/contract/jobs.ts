import { z } from 'zod';
import { jobChange, jobEvent, jobSnapshot } from '../jobs.ts';
import { call, stream } from '../rpc/contract.ts';

/** Listing, watching and stopping jobs. */
export const jobs = {
  /** The newest, as many as fit into an answer, without their results and lines: `show` has those. `leftOutCount`: older ones that did not fit. */
  list: call(z.object({}), z.object({ jobs: z.array(jobSnapshot), leftOutCount: z.int().positive().optional() })),
  /** One job with its result and last lines, by its id or a beginning of it that no other job has. */
  show: call(z.object({ jobId: z.string().min(1).max(64) }), jobSnapshot),
  watch: stream(z.object({ jobId: z.string().max(64), afterSeq: z.int().nonnegative().default(0) }), jobEvent),
  /** Yields all jobs, then each job whenever it changes: at most ten times a second per job, and always its last state. */
  watchAll: stream(z.object({}), jobChange),
  cancel: call(z.object({ jobId: z.string().max(64) }), z.object({}), { writes: true }),
};
