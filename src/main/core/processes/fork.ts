import { type ChildProcess, fork } from 'node:child_process';
import type { Pipe } from '../../../shared/rpc/pipe.ts';

/** A worker process. `exited` resolves with the reason why it ended, and never rejects. */
export interface ForkedProcess {
  pid: number | undefined;
  pipe: Pipe;
  exited: Promise<{ code: number | null; signal: string | null }>;
  kill(signal?: NodeJS.Signals): void;
}

/** Starts a built entry with Node's IPC channel. Its stdout and stderr go to this process's stderr, or to `logFd`. */
export function forkWorker(entry: string, options: { logFd?: number; env?: NodeJS.ProcessEnv } = {}): ForkedProcess {
  const log = options.logFd ?? 2;
  const child = fork(entry, [], { stdio: ['ignore', log, log, 'ipc'], env: options.env ?? process.env, execArgv: [] });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  return { pid: child.pid, pipe: childPipe(child), exited, kill: (signal) => void child.kill(signal) };
}

/** Ends a worker process, by force if it still runs after `forceAfterMs`. Resolves when it is gone. */
export async function endWorker(worker: Pick<ForkedProcess, 'kill' | 'exited'>, forceAfterMs: number): Promise<void> {
  worker.kill('SIGTERM');
  const force = setTimeout(() => worker.kill('SIGKILL'), forceAfterMs);
  await worker.exited;
  clearTimeout(force);
}

/** Returns the pipe to the parent process, which started this one with an IPC channel. */
export function parentPipe(): Pipe {
  return childPipe(process as unknown as ChildProcess);
}

/** Returns the pipe to a child process that was started with an IPC channel. */
export function childPipe(other: ChildProcess): Pipe {
  return {
    send: (text) =>
      new Promise<void>((resolve) => {
        if (!other.connected) return resolve();
        other.send(text, () => resolve());
      }),
    onFrame: (receive) => void other.on('message', (message) => receive(message as string)),
    onClose: (closed) => void other.once('disconnect', closed),
    // Node crashes if a process disconnects inside its message handler while more messages are queued.
    close: () =>
      void setImmediate(() => {
        if (other.connected) other.disconnect();
      }),
  };
}
