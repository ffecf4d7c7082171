import { type ChildProcess, spawn } from 'node:child_process';
import type { Pipe } from '../../shared/rpc/pipe.ts';
import { childPipe } from '../core/processes/fork.ts';
import { manyPipes } from '../core/processes/many-pipes.ts';

/** How to start the core's process. */
export interface CoreProcessOptions {
  /** The plain Node executable. */
  node: string;
  /** The built command line. */
  cli: string;
  home: string;
}

/** How the core's process ended. If it never came up, `hasAnswered` is false and `said` is the reason to show. */
export interface CoreEnd {
  code: number | null;
  said: string;
  hasAnswered: boolean;
}

const saidChars = 4000;
const lastWordsMs = 500;

/**
 * Runs the core in its own plain Node process, as in the terminal. `open` returns a new connection, and starts the process if none is
 * running. `close` lets the core stop its jobs and exit; a core left alone because the window died does the same on its own.
 */
export class CoreProcess {
  readonly #options: CoreProcessOptions;
  readonly #onEnd: (end: CoreEnd) => void;
  #running: { open: () => Pipe; carrier: Pipe; ended: Promise<void> } | undefined;

  constructor(options: CoreProcessOptions, onEnd: (end: CoreEnd) => void) {
    this.#options = options;
    this.#onEnd = onEnd;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  open(): Pipe {
    this.#running ??= this.#start();
    return this.#running.open();
  }

  async close(): Promise<void> {
    const running = this.#running;
    running?.carrier.close();
    await running?.ended;
  }

  #start(): { open: () => Pipe; carrier: Pipe; ended: Promise<void> } {
    const { node, cli, home } = this.#options;
    const child = spawn(node, [cli, '--home', home, 'window'], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Ctrl-C in a terminal is for the window, which then shuts the core down.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const carrier = childPipe(child);
    let hasAnswered = false;
    carrier.onFrame(() => {
      hasAnswered = true;
    });
    const open = manyPipes(carrier);
    const ended = endOf(child).then(({ code, said }) => {
      this.#running = undefined;
      this.#onEnd({ code, said, hasAnswered });
    });
    return { open, carrier, ended };
  }
}

function endOf(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = '';
  child.stderr?.on('data', (piece) => {
    process.stderr.write(piece);
    said = (said + String(piece)).slice(-saidChars);
  });
  // Not `close`: a child whose IPC channel was closed on this side never emits it.
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, said: error.message }));
    child.once('exit', (code) => {
      const tell = () => resolve({ code, said });
      child.stderr?.once('close', tell);
      // A process left behind by the core may keep it open.
      setTimeout(tell, lastWordsMs);
    });
  });
}
