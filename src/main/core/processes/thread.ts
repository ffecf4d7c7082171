import { parentPort, Worker } from 'node:worker_threads';
import { AppError, type WireError } from '../../../shared/errors/app-error.ts';

/** To the thread. */
type Order = { id: number; job: unknown } | 'stop' | 'leave';
/** From the thread: events of a job, then its one end. */
type Message = { id: number } & ({ type: 'event'; event: unknown } | End);
type End = { type: 'result'; result: unknown } | { type: 'error'; wire: WireError } | { type: 'crash'; stack: string };

/** How long a thread may take until it hears that it should leave. */
const leaveMs = 10_000;

interface RunningJob {
  onEvent(event: unknown): void;
  end(end: End): void;
}

/**
 * A thread that runs a built worker entry and does one job after another. Jobs, events and results are plain data. An abort is passed
 * on to the job; once it has ended, it rejects with the signal's reason. Errors of the table arrive as they were thrown.
 */
export class Thread {
  readonly #entry: string;
  readonly #signal: AbortSignal;
  readonly #worker: Worker;
  readonly #jobs = new Map<number, RunningJob>();
  readonly #stop = () => this.#send('stop');
  #lastId = 0;
  #over: End | undefined;

  constructor(entry: string, signal: AbortSignal) {
    this.#entry = entry;
    this.#signal = signal;
    this.#worker = new Worker(entry);
    this.#worker.on('message', ({ id, ...message }: Message) => {
      if (message.type === 'event') this.#jobs.get(id)?.onEvent(message.event);
      else this.#jobs.get(id)?.end(message);
    });
    this.#worker.once('error', (error) => this.#endAll({ type: 'crash', stack: String(error.stack ?? error) }));
    this.#worker.once('exit', (code) => this.#endAll({ type: 'crash', stack: `it ended early with code ${code}` }));
    signal.addEventListener('abort', this.#stop, { once: true });
    if (signal.aborted) this.#stop();
  }

  /** Does one job. A job that finished before the abort reached it still returns its result. */
  async run<R, E = never>(job: unknown, onEvent: (event: E) => void = () => undefined): Promise<R> {
    const id = ++this.#lastId;
    const end = await new Promise<End>((resolve) => {
      if (this.#over) return resolve(this.#over);
      this.#jobs.set(id, { onEvent: (event) => onEvent(event as E), end: resolve });
      this.#send({ id, job });
    });
    this.#jobs.delete(id);
    if (end.type === 'result') return end.result as R;
    this.#signal.throwIfAborted();
    if (end.type === 'error') throw new AppError(end.wire);
    throw new Error(`the worker ${this.#entry} failed: ${end.stack}`);
  }

  /**
   * Ends the thread, whatever it is doing. It leaves by itself: Node aborts the whole process when a thread is terminated at the moment
   * in which it closes a file (`FileHandle::ClosePromise`, seen with Node 20).
   */
  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop);
    if (this.#worker.threadId === -1) return;
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#send('leave');
    const limit = setTimeout(() => void this.#worker.terminate(), leaveMs);
    await exited;
    clearTimeout(limit);
  }

  #send(order: Order): void {
    this.#worker.postMessage(order);
  }

  #endAll(end: End): void {
    this.#over = end;
    for (const job of this.#jobs.values()) job.end(end);
  }
}

/** Does one job in its own thread, like `Thread.run`. */
export async function runThread<R, E = never>(
  entry: string,
  job: unknown,
  options: { signal: AbortSignal; onEvent?: (event: E) => void },
): Promise<R> {
  options.signal.throwIfAborted();
  const thread = new Thread(entry, options.signal);
  try {
    return await thread.run<R, E>(job, options.onEvent);
  } finally {
    await thread.close();
  }
}

/** Runs the body of a worker entry for each job, with a signal that aborts when the other side cancels and a function that sends events. */
export function threadBody<J, R, E = never>(
  body: (job: J, thread: { signal: AbortSignal; emit(event: E): void }) => Promise<R>,
): void {
  const port = parentPort;
  if (!port) throw new Error('this entry runs in a worker thread only');
  const abort = new AbortController();
  const send = (message: Message) => port.postMessage(message);
  port.on('message', async (order: Order) => {
    if (order === 'leave') process.exit(0);
    if (order === 'stop') return abort.abort(new Error('stopped'));
    const { id, job } = order;
    const emit = (event: E) => send({ id, type: 'event', event });
    send({ id, ...(await endOf(body(job as J, { signal: abort.signal, emit }))) });
  });
}

async function endOf(running: Promise<unknown>): Promise<End> {
  try {
    return { type: 'result', result: await running };
  } catch (thrown) {
    if (thrown instanceof AppError) return { type: 'error', wire: thrown.wire };
    return { type: 'crash', stack: thrown instanceof Error ? String(thrown.stack) : String(thrown) };
  }
}
