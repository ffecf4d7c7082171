import { z } from 'zod';
import { jobEvent, jobSnapshot } from '../jobs.ts';
import { call, stream } from '../rpc/contract.ts';

/** Looking at jobs and stopping them. */
export const jobs = {
  list: call(z.object({}), z.object({ jobs: z.array(jobSnapshot) })),
  watch: stream(z.object({ jobId: z.string().max(64), afterSeq: z.int().nonnegative().default(0) }), jobEvent),
  cancel: call(z.object({ jobId: z.string().max(64) }), z.object({}), { writes: true }),
};
