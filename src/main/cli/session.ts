import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { contract } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { connect } from '../../shared/rpc/connect.ts';
import { memoryPipes, type Pipe } from '../../shared/rpc/pipe.ts';
import { type ServeOptions, serve } from '../../shared/rpc/serve.ts';
import { createCore } from '../core/create-core.ts';
import { followJob } from '../core/jobs/follow-job.ts';
import type { Core, CorePorts, Log } from '../core/ports.ts';
import { attach, attachPath, listenForAttach } from '../core/settings/attach.ts';
import { checkHome } from '../core/settings/check-home.ts';
import { type Lock, takeLock } from '../core/settings/lock.ts';
import type { Session } from './cli.ts';
import { ProgressLines, type ProgressOut } from './progress.ts';

/** An open core with its client, for one command. */
export interface OpenSession extends Session {
  /** Cancels running jobs; the command's `follow` then throws `interrupted`. */
  interrupt(): Promise<void>;
  close(): Promise<void>;
}

/** Logs the details of an `internal` error under its reference, where a user can look it up. */
export function logInternal(log: Log, message: string, { wire, cause }: AppError): void {
  log.error(message, { ref: wire.ref, stack: cause instanceof Error ? cause.stack : String(cause) });
}

/**
 * Opens a core in this process. `writes` takes the lock first or throws `lock.held`; `if-free` continues without the lock.
 * Throws `home.unusable`.
 */
export async function openSession(
  ports: CorePorts,
  options: { writes: boolean | 'if-free'; command: string; out: ProgressOut; emit: Session['emit'] },
): Promise<OpenSession> {
  await checkHome(ports.paths.home);
  const { lock, owner } = await takeRights(ports, options);
  const core: Core = await createCore(ports, { mayWrite: lock !== undefined });
  const [here, there] = memoryPipes();
  const answerAs = (mayWrite: boolean) => (pipe: Pipe) =>
    serve(contract, core.handlers, pipe, servingOptions(ports.log, owner, mayWrite));
  const answer = answerAs(lock !== undefined);
  answer(there);
  // Others may watch this command's jobs, but only the holder of the lock may write.
  const stopAttach = lock && (await listenForAttach(attachPath(ports.paths.home), answerAs(false)));
  const others = connectionsToOwner(ports.paths.home);
  const stopping = new AbortController();
  const client = connect(contract, here, 'the core');
  return {
    client,
    stopped: stopping.signal,
    emit: options.emit,
    say: (line) => options.out.write(`${line}\n`),
    follow: (method, started) => {
      const lines = new ProgressLines(options.out);
      // People know the command that they typed, not the title of its job.
      const titled = { ...method, title: options.command };
      return followJob(client, titled, started, { show: (event) => lines.show(event) });
    },
    owner: others.open,
    hosting: {
      paths: ports.paths,
      pageFolder: join(ports.workers, '../renderer'),
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
      here.close();
      others.close();
      await stopAttach?.();
      await lock?.release();
    },
  };
}

function servingOptions(log: Log, owner: string, mayWrite: boolean): ServeOptions {
  return {
    mayWrite,
    owner,
    newRef: randomUUID,
    onError: (error) => {
      if (error.code === 'internal') logInternal(log, 'a call failed', error);
    },
  };
}

/** Opens clients of the Sealift that holds the lock of a data folder; `close` ends all of them. */
function connectionsToOwner(home: string): { open: Session['owner']; close(): void } {
  const pipes: Pipe[] = [];
  return {
    open: async () => {
      const pipe = await attach(attachPath(home));
      if (pipe) pipes.push(pipe);
      return pipe && connect(contract, pipe, 'the other Sealift');
    },
    close: () => {
      for (const pipe of pipes) pipe.close();
    },
  };
}

async function takeRights(
  ports: CorePorts,
  { writes, command }: { writes: boolean | 'if-free'; command: string },
): Promise<{ lock?: Lock; owner: string }> {
  if (!writes) return { owner: command };
  try {
    return { lock: await takeLock(ports.paths.lock, command, ports.now()), owner: command };
  } catch (thrown) {
    if (writes !== 'if-free' || !(thrown instanceof AppError) || thrown.code !== 'lock.held') throw thrown;
    return { owner: String(thrown.wire.details.owner) };
  }
}
