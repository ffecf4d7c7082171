import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { type AppContract, contract } from '../../../shared/contract/index.ts';
import type { JobEvent } from '../../../shared/jobs.ts';
import { type Client, connect } from '../../../shared/rpc/connect.ts';
import type { Job, OutputOf } from '../../../shared/rpc/contract.ts';
import { memoryPipes } from '../../../shared/rpc/pipe.ts';
import { type JobStarted, serve } from '../../../shared/rpc/serve.ts';
import { followJob } from '../jobs/follow-job.ts';
import type { Core, CorePorts } from '../ports.ts';
import { takeLock } from '../settings/lock.ts';
import { type HomePaths, homePaths } from '../settings/paths.ts';
import type { Work } from '../work.ts';

/** Makes a core. A parameter, because the composition root imports rehearsals and not the other way round. */
export type CoreMaker = (ports: CorePorts, options: { mayWrite: boolean }) => Promise<Core>;

/** A second core with a data folder of its own, used through the contract like any shell does. */
export interface InnerCore {
  /** Where everything is in its data folder. */
  paths: HomePaths;
  client: Client<AppContract>;
  /**
   * Follows a job of the inner core to its end. Its steps and lines become lines of the outer work, its progress the outer
   * step's.
   */
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
  const paths = homePaths(home);
  const lock = await takeLock(paths.lock, 'sealift rehearse', ports.now(), 'kept-rehearsal');
  const core = await makeCore({ ...ports, paths }, { mayWrite: true });
  const [here, there] = memoryPipes();
  serve(contract, core.handlers, there, { mayWrite: true, owner: 'the rehearsal', newRef: randomUUID });
  const client = connect(contract, here, 'the rehearsal');
  return {
    paths,
    client,
    follow: (method, started) =>
      followJob(client, method, started, { signal: work.signal, show: (event) => forward(event, work) }),
    close: async () => {
      await core.close();
      here.close();
      await lock.release();
    },
  };
}

function forward(event: JobEvent, work: Work): void {
  if (event.type === 'step') work.log(event.title);
  else if (event.type === 'log') work.log(event.line);
  else if (event.type === 'warning') work.warn(event.line);
  else if (event.type === 'progress') work.progress(event.progress);
}
