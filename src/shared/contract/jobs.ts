import { z } from 'zod';
import { jobChange, jobEvent, jobSnapshot } from '../jobs.ts';
import { call, stream } from '../rpc/contract.ts';

/** Listing, watching and stopping jobs. */
export const jobs = {
  /** The newest, as many as fit into an answer, without their results and lines: `watchAll` has those. */
  list: call(z.object({}), z.object({ jobs: z.array(jobSnapshot) })),
  watch: stream(z.object({ jobId: z.string().max(64), afterSeq: z.int().nonnegative().default(0) }), jobEvent),
  /** Yields all jobs, then each job whenever it changes: at most ten times a second per job, and always its last state. */
  watchAll: stream(z.object({}), jobChange),
  cancel: call(z.object({ jobId: z.string().max(64) }), z.object({}), { writes: true }),
};
