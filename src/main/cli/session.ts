import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { contract } from '../../shared/contract/index.ts';
import { AppError, appError } from '../../shared/errors/app-error.ts';
import { connect } from '../../shared/rpc/connect.ts';
import type { Job, OutputOf } from '../../shared/rpc/contract.ts';
import { memoryPipes, type Pipe } from '../../shared/rpc/pipe.ts';
import { type JobStarted, type ServeOptions, serve } from '../../shared/rpc/serve.ts';
import { createCore } from '../core/create-core.ts';
import type { Core, CorePorts, Log } from '../core/ports.ts';
import { attach, attachPath, listenForAttach } from '../core/settings/attach.ts';
import { checkHome } from '../core/settings/check-home.ts';
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

/** Keeps what stands behind the reference of an `internal` error where a person can look it up. */
export function logInternal(log: Log, message: string, { wire, cause }: AppError): void {
  log.error(message, { ref: wire.ref, stack: cause instanceof Error ? cause.stack : String(cause) });
}

/**
 * Opens a core in this process; `writes` takes the lock first (or throws `lock.held`), `if-free` goes on without it.
 * Throws `home.unusable`.
 */
export async function openSession(
  ports: CorePorts,
  options: { writes: boolean | 'if-free'; command: string; out: ProgressOut; emit: Session['emit'] },
): Promise<OpenSession> {
  await checkHome(ports.home);
  const { lock, owner } = await takeRights(ports, options);
  const core: Core = await createCore(ports, { mayWrite: lock !== undefined });
  const [here, there] = memoryPipes();
  const serving = (mayWrite: boolean): ServeOptions => ({
    mayWrite,
    owner,
    newRef: randomUUID,
    onError: (error) => {
      if (error.code === 'internal') logInternal(ports.log, 'a call failed', error);
    },
  });
  const answer = (pipe: Pipe) => serve(contract, core.handlers, pipe, serving(lock !== undefined));
  answer(there);
  // Others may watch this command's jobs, but only the holder of the lock writes.
  const stopAttach =
    lock &&
    (await listenForAttach(attachPath(ports.home), (pipe) => serve(contract, core.handlers, pipe, serving(false))));
  const attached: Pipe[] = [];
  const stopping = new AbortController();
  const client = connect(contract, here, 'the core');
  return {
    client,
    stopped: stopping.signal,
    emit: options.emit,
    say: (line) => options.out.write(`${line}\n`),
    follow: async <J extends Job<z.ZodType, z.ZodType>>(method: J, started: Promise<JobStarted>) => {
      const { jobId } = await started;
      const lines = new ProgressLines(options.out);
      for await (const event of client.jobs.watch({ jobId })) {
        lines.show(event);
        if (event.type === 'finished') return method.output.parse(event.result) as OutputOf<J>;
        if (event.type === 'failed') throw new AppError(event.error);
        if (event.type === 'cancelled') throw appError('interrupted', { what: method.title, resumes: method.resumes });
      }
      throw appError('interrupted', { what: method.title, resumes: method.resumes });
    },
    owner: async () => {
      const pipe = await attach(attachPath(ports.home));
      if (pipe) attached.push(pipe);
      return pipe && connect(contract, pipe, 'the other Sealift');
    },
    hosting: {
      home: ports.home,
      mayWrite: lock !== undefined,
      owner,
      stopped: stopping.signal,
      answer,
      tellPage: async (url) => lock?.tellPage(url),
    },
    interrupt: async () => {
      stopping.abort();
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

async function takeRights(
  ports: CorePorts,
  { writes, command }: { writes: boolean | 'if-free'; command: string },
): Promise<{ lock?: Lock; owner: string }> {
  if (!writes) return { owner: command };
  try {
    return { lock: await takeLock(homePaths(ports.home).lock, command, ports.now()), owner: command };
  } catch (thrown) {
    if (writes !== 'if-free' || !(thrown instanceof AppError) || thrown.code !== 'lock.held') throw thrown;
    return { owner: String(thrown.wire.details.owner) };
  }
}
