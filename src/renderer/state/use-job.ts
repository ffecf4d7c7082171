import { useState } from 'react';
import type { z } from 'zod';
import { contract } from '../../shared/contract/index.ts';
import { isEnded, type JobSnapshot } from '../../shared/jobs.ts';
import type { Job, OutputOf } from '../../shared/rpc/contract.ts';
import { newestJob, useJobs } from './jobs.ts';
import { type ShownError, toShownError } from './shown-error.ts';

/** The newest job of one kind, and a function to start another. */
export interface JobUse<R> {
  job: JobSnapshot | undefined;
  isRunning: boolean;
  /** Result of the newest job that succeeded, however old. */
  result: R | undefined;
  /** The job that returned `result`. */
  resultId: string | undefined;
  /** When the job that returned `result` ended. */
  resultAt: string | undefined;
  /** Why the newest job failed, or why it could not start. */
  error: ShownError | undefined;
  start(begin: () => Promise<{ jobId: string }>): Promise<void>;
}

type JobOf<A extends keyof typeof contract, V extends keyof (typeof contract)[A]> =
  (typeof contract)[A][V] extends Job<infer I, infer O> ? Job<I & z.ZodType, O & z.ZodType> : never;

/**
 * Follows the newest job of `area.verb`, whichever window started it. With `subject`, the site as the job's input names it, jobs for
 * other sites are ignored.
 */
export function useJob<A extends keyof typeof contract & string, V extends keyof (typeof contract)[A] & string>(
  area: A,
  verb: V,
  subject?: string,
): JobUse<OutputOf<JobOf<A, V>>> {
  type R = OutputOf<JobOf<A, V>>;
  const kind = `${area}.${verb}`;
  const job = useJobs(({ byId }) => newestJob(byId, [kind], { subject }));
  const good = useJobs(({ byId }) => newestJob(byId, [kind], { state: 'succeeded', subject }));
  const [refused, setRefused] = useState<{ subject: string | undefined; error: ShownError }>();
  const ownRefusal = refused?.subject === subject ? refused?.error : undefined;
  const method = contract[area][verb] as unknown as Job<z.ZodType, z.ZodType>;
  const parsed = good && method.output.safeParse(good.result);
  return {
    job,
    isRunning: job !== undefined && !isEnded(job),
    result: parsed?.success ? (parsed.data as R) : undefined,
    resultId: good?.id,
    resultAt: good?.endedAt ?? good?.updatedAt,
    error: ownRefusal ?? (job?.state === 'failed' ? job.error : undefined),
    start: async (begin) => {
      setRefused(undefined);
      try {
        await begin();
      } catch (error) {
        setRefused({ subject, error: toShownError(error) });
      }
    },
  };
}
