import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { contract } from '../../shared/contract/index.ts';
import { AppError, appError } from '../../shared/errors/app-error.ts';
import { connect } from '../../shared/rpc/connect.ts';
import type { Job, OutputOf } from '../../shared/rpc/contract.ts';
import { memoryPipes, type Pipe } from '../../shared/rpc/pipe.ts';
import { type JobStarted, type ServeOptions, serve } from '../../shared/rpc/serve.ts';
import { createCore } from '../core/create-core.ts';
import type { Core, CorePorts } from '../core/ports.ts';
import { attach, attachPath, listenForAttach } from '../core/settings/attach.ts';
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
  options: { writes: boolean; command: string; out: ProgressOut; emit: Session['emit'] },
): Promise<OpenSession> {
  const lock: Lock | undefined = options.writes
    ? await takeLock(homePaths(ports.home).lock, options.command, ports.now())
    : undefined;
  const core: Core = await createCore(ports, { mayWrite: options.writes });
  const [here, there] = memoryPipes();
  const serving = (mayWrite: boolean): ServeOptions => ({
    mayWrite,
    owner: options.command,
    newRef: randomUUID,
    onError: (error) => {
      if (error.code === 'internal')
        ports.log.error('a call failed', { ref: error.wire.ref, stack: String((error.cause as Error)?.stack) });
    },
  });
  serve(contract, core.handlers, there, serving(options.writes));
  // Others may watch this command's jobs, but only the holder of the lock writes.
  const stopAttach =
    lock &&
    (await listenForAttach(attachPath(ports.home), (pipe) => serve(contract, core.handlers, pipe, serving(false))));
  const attached: Pipe[] = [];
  const client = connect(contract, here, 'the core');
  return {
    client,
    emit: options.emit,
    say: (line) => options.out.write(`${line}\n`),
    follow: async <J extends Job<z.ZodType, z.ZodType>>(method: J, started: Promise<JobStarted>) => {
      const { jobId } = await started;
      const lines = new ProgressLines(options.out);
      for await (const event of client.jobs.watch({ jobId })) {
        lines.show(event);
        if (event.type === 'finished') return method.output.parse(event.result) as OutputOf<J>;
        if (event.type === 'failed') throw new AppError(event.error);
        if (event.type === 'cancelled') throw appError('interrupted', { what: method.title });
      }
      throw appError('interrupted', { what: method.title });
    },
    owner: async () => {
      const pipe = await attach(attachPath(ports.home));
      if (pipe) attached.push(pipe);
      return pipe && connect(contract, pipe, 'the other Sealift');
    },
    interrupt: async () => {
      await core.close();
      here.close();
    },
    close: async () => {
      await core.close();
      for (const pipe of [here, ...attached]) pipe.close();
      await stopAttach?.();
      await lock?.release();
    },
  };
}
