import { type ChildProcess, fork } from 'node:child_process';
import type { Pipe } from '../../../shared/rpc/pipe.ts';

/** A worker in a process of its own. `exited` resolves with what ended it; nothing rejects. */
export interface ForkedProcess {
  pid: number | undefined;
  pipe: Pipe;
  exited: Promise<{ code: number | null; signal: string | null }>;
  kill(signal?: NodeJS.Signals): void;
}

/** Starts a built entry with Node's own IPC channel; its stdout and stderr go where this process's stderr goes, or to `logFd`. */
export function forkWorker(entry: string, options: { logFd?: number; env?: NodeJS.ProcessEnv } = {}): ForkedProcess {
  const log = options.logFd ?? 2;
  const child = fork(entry, [], { stdio: ['ignore', log, log, 'ipc'], env: options.env ?? process.env, execArgv: [] });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  return { pid: child.pid, pipe: childPipe(child), exited, kill: (signal) => void child.kill(signal) };
}

/** The pipe to the process that started this one with an IPC channel. */
export function parentPipe(): Pipe {
  return childPipe(process as unknown as ChildProcess);
}

/** The pipe to a child that was started with an IPC channel. */
export function childPipe(other: ChildProcess): Pipe {
  return {
    send: (text) =>
      new Promise<void>((resolve) => {
        if (!other.connected) return resolve();
        other.send(text, () => resolve());
      }),
    onFrame: (receive) => void other.on('message', (message) => receive(message as string)),
    onClose: (closed) => void other.once('disconnect', closed),
    // Node crashes when a process disconnects inside its own message handler while more messages wait.
    close: () =>
      void setImmediate(() => {
        if (other.connected) other.disconnect();
      }),
  };
}
