import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { contract } from '../../shared/contract/index.ts';
import { AppError, appError } from '../../shared/errors/app-error.ts';
import { connect } from '../../shared/rpc/connect.ts';
import type { Job, OutputOf } from '../../shared/rpc/contract.ts';
import { memoryPipes } from '../../shared/rpc/pipe.ts';
import { type JobStarted, serve } from '../../shared/rpc/serve.ts';
import { type Core, createCore } from '../core/create-core.ts';
import type { CorePorts } from '../core/ports.ts';
import { type Lock, takeLock } from '../core/settings/lock.ts';
import { homePaths } from '../core/settings/paths.ts';
import type { Session } from './cli.ts';
import { ProgressLines, type ProgressOut } from './progress.ts';

/** An open core with its client, for one command. */
export interface OpenSession extends Session {
  /** Cancels what runs; the command's `follow` then throws `interrupted`. */
  interrupt(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a core in this process; `writes` takes the lock first (or throws `lock.held`). */
export async function openSession(
  ports: CorePorts,
  options: { writes: boolean; command: string; out: ProgressOut },
): Promise<OpenSession> {
  const lock: Lock | undefined = options.writes
    ? await takeLock(homePaths(ports.home).lock, options.command, ports.now())
    : undefined;
  const core: Core = await createCore(ports, { mayWrite: options.writes });
  const [here, there] = memoryPipes();
  serve(contract, core.handlers, there, {
    mayWrite: options.writes,
    owner: 'this command',
    newRef: randomUUID,
    onError: (error) => {
      if (error.code === 'internal')
        ports.log.error('a call failed', { ref: error.wire.ref, stack: String((error.cause as Error)?.stack) });
    },
  });
  const client = connect(contract, here, 'the core');
  const jobIds: string[] = [];
  return {
    client,
    say: (line) => options.out.write(`${line}\n`),
    follow: async <J extends Job<z.ZodType, z.ZodType>>(method: J, started: Promise<JobStarted>) => {
      const { jobId } = await started;
      jobIds.push(jobId);
      const lines = new ProgressLines(options.out);
      for await (const event of client.jobs.watch({ jobId })) {
        lines.show(event);
        if (event.type === 'finished') return method.output.parse(event.result) as OutputOf<J>;
        if (event.type === 'failed') throw new AppError(event.error);
        if (event.type === 'cancelled') throw appError('interrupted', { what: method.title });
      }
      throw appError('interrupted', { what: method.title });
    },
    interrupt: async () => {
      await core.close();
    },
    close: async () => {
      await core.close();
      here.close();
      await lock?.release();
    },
  };
}
