import type { z } from 'zod';
import type { jobs } from '../../../shared/contract/jobs.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import type { JobEvent } from '../../../shared/jobs.ts';
import type { Client } from '../../../shared/rpc/connect.ts';
import type { Job, OutputOf } from '../../../shared/rpc/contract.ts';
import type { JobStarted } from '../../../shared/rpc/serve.ts';

/** What people call a job, whether its next run resumes where it was interrupted, and whether it runs alone. */
export type Titled = Pick<Job<z.ZodType, z.ZodType>, 'title' | 'resumes' | 'shares' | 'isExclusive'>;

/** Makes the error of work that was stopped before it was complete. */
export function interrupted({ title, resumes }: Titled): AppError {
  return appError('interrupted', { what: title, resumes });
}

/**
 * Follows a job to its end, showing each event, and returns its checked result. An abort of `signal` cancels the job. Throws the job's
 * error, or `interrupted` when it was cancelled or its process ended.
 */
export async function followJob<J extends Job<z.ZodType, z.ZodType>>(
  client: Client<{ jobs: typeof jobs }>,
  method: J,
  started: Promise<JobStarted>,
  { show, signal }: { show(event: JobEvent): void; signal?: AbortSignal },
): Promise<OutputOf<J>> {
  const { jobId } = await started;
  const cancel = () => void client.jobs.cancel({ jobId }).catch(() => undefined);
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  try {
    for await (const event of client.jobs.watch({ jobId })) {
      show(event);
      if (event.type === 'finished') return method.output.parse(event.result) as OutputOf<J>;
      if (event.type === 'failed') throw new AppError(event.error);
    }
    throw interrupted(method);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
