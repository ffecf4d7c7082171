import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { type AppContract, contract } from '../../../shared/contract/index.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import type { JobEvent } from '../../../shared/jobs.ts';
import { type Client, connect } from '../../../shared/rpc/connect.ts';
import type { Job, OutputOf } from '../../../shared/rpc/contract.ts';
import { memoryPipes } from '../../../shared/rpc/pipe.ts';
import { type JobStarted, serve } from '../../../shared/rpc/serve.ts';
import type { Work } from '../jobs/work.ts';
import type { Core, CorePorts } from '../ports.ts';
import { takeLock } from '../settings/lock.ts';
import { homePaths } from '../settings/paths.ts';

/** Makes a core; given from outside, because the composition root knows rehearsals and not the other way round. */
export type CoreMaker = (ports: CorePorts, options: { mayWrite: boolean }) => Promise<Core>;

/** A second core with a data folder of its own, used through the contract as any shell would. */
export interface InnerCore {
  client: Client<AppContract>;
  /** Runs a job of the inner core to its end; its steps and lines become lines of the outer work, its progress that of the outer step. */
  follow<J extends Job<z.ZodType, z.ZodType>>(method: J, started: Promise<JobStarted>): Promise<OutputOf<J>>;
  close(): Promise<void>;
}

/** Opens a core on a data folder, holding its lock. An abort of the outer work cancels the inner jobs. */
export async function openInnerCore(
  makeCore: CoreMaker,
  ports: CorePorts,
  home: string,
  work: Work,
): Promise<InnerCore> {
  const lock = await takeLock(homePaths(home).lock, 'sealift rehearse', ports.now());
  const core = await makeCore({ ...ports, home }, { mayWrite: true });
  const [here, there] = memoryPipes();
  serve(contract, core.handlers, there, { mayWrite: true, owner: 'the rehearsal', newRef: randomUUID });
  const client = connect(contract, here, 'the rehearsal');
  return {
    client,
    follow: async (method, started) => {
      const { jobId } = await started;
      const stop = () => void client.jobs.cancel({ jobId }).catch(() => undefined);
      work.signal.addEventListener('abort', stop, { once: true });
      if (work.signal.aborted) stop();
      try {
        for await (const event of client.jobs.watch({ jobId })) {
          const end = forward(event, work);
          if (end) return method.output.parse(end.result) as OutputOf<typeof method>;
        }
        throw appError('interrupted', { what: method.title, resumes: method.resumes });
      } finally {
        work.signal.removeEventListener('abort', stop);
      }
    },
    close: async () => {
      await core.close();
      here.close();
      await lock.release();
    },
  };
}

function forward(event: JobEvent, work: Work): { result: unknown } | undefined {
  if (event.type === 'step') work.log(event.title);
  else if (event.type === 'log') work.log(event.line);
  else if (event.type === 'warning') work.warn(event.line);
  else if (event.type === 'progress') work.progress(event.progress);
  else if (event.type === 'failed') throw new AppError(event.error);
  else if (event.type === 'cancelled') throw appError('interrupted', { what: 'The rehearsal', resumes: false });
  else if (event.type === 'finished') return { result: event.result };
  return undefined;
}
