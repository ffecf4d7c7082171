import { useState } from 'react';
import type { z } from 'zod';
import { contract } from '../../shared/contract/index.ts';
import { isEnded, type JobSnapshot } from '../../shared/jobs.ts';
import type { Job, OutputOf } from '../../shared/rpc/contract.ts';
import { newestJob, useJobs } from './jobs.ts';
import { type ShownError, toShownError } from './shown-error.ts';

/** The newest job of one kind and how to start another. */
export interface JobUse<R> {
  job: JobSnapshot | undefined;
  isRunning: boolean;
  /** Of the newest job that succeeded, also of an earlier day. */
  result: R | undefined;
  /** When the job of `result` ended. */
  resultAt: string | undefined;
  /** Why the newest one could not start or failed. */
  error: ShownError | undefined;
  start(begin: () => Promise<{ jobId: string }>): Promise<void>;
}

type JobOf<A extends keyof typeof contract, V extends keyof (typeof contract)[A]> =
  (typeof contract)[A][V] extends Job<infer I, infer O> ? Job<I & z.ZodType, O & z.ZodType> : never;

/** Follows the newest job of `area.verb`, whoever started it. */
export function useJob<A extends keyof typeof contract & string, V extends keyof (typeof contract)[A] & string>(
  area: A,
  verb: V,
): JobUse<OutputOf<JobOf<A, V>>> {
  type R = OutputOf<JobOf<A, V>>;
  const kind = `${area}.${verb}`;
  const job = useJobs(({ byId }) => newestJob(byId, [kind]));
  const good = useJobs(({ byId }) => newestJob(byId, [kind], 'succeeded'));
  const [refused, setRefused] = useState<ShownError>();
  const method = contract[area][verb] as unknown as Job<z.ZodType, z.ZodType>;
  const parsed = good && method.output.safeParse(good.result);
  return {
    job,
    isRunning: job !== undefined && !isEnded(job),
    result: parsed?.success ? (parsed.data as R) : undefined,
    resultAt: good?.endedAt ?? good?.updatedAt,
    error: refused ?? (job?.state === 'failed' ? job.error : undefined),
    start: async (begin) => {
      setRefused(undefined);
      try {
        await begin();
      } catch (error) {
        setRefused(toShownError(error));
      }
    },
  };
}
