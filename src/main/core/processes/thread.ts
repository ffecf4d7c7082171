import { parentPort, Worker, workerData } from 'node:worker_threads';
import { AppError, type WireError } from '../../../shared/errors/app-error.ts';

type Message =
  | { type: 'event'; event: unknown }
  | { type: 'result'; result: unknown }
  | { type: 'error'; wire: WireError }
  | { type: 'crash'; stack: string };

/**
 * Runs a built worker entry in a thread of its own until it gives its result; input, events and result are plain data. An abort is
 * passed on, the thread ends in order, then the signal's reason is thrown. Errors of the table arrive as they were thrown.
 */
export async function runThread<R, E = never>(
  entry: string,
  input: unknown,
  options: { signal: AbortSignal; onEvent?: (event: E) => void },
): Promise<R> {
  options.signal.throwIfAborted();
  const worker = new Worker(entry, { workerData: input });
  const stop = () => worker.postMessage('stop');
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    const end = await lastMessage(worker, (event) => options.onEvent?.(event as E));
    if (end.type === 'result') return end.result as R;
    options.signal.throwIfAborted();
    if (end.type === 'error') throw new AppError(end.wire);
    throw new Error(`the worker ${entry} failed: ${end.stack}`);
  } finally {
    options.signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

type End = Exclude<Message, { type: 'event' }>;

function lastMessage(worker: Worker, onEvent: (event: unknown) => void): Promise<End> {
  return new Promise((resolve) => {
    worker.on('message', (message: Message) => {
      if (message.type === 'event') onEvent(message.event);
      else resolve(message);
    });
    worker.once('error', (error) => resolve({ type: 'crash', stack: String(error.stack ?? error) }));
    worker.once('exit', (code) => resolve({ type: 'crash', stack: `it ended early with code ${code}` }));
  });
}

/** The body of a worker entry: gets the input, a signal that aborts when the other side stops it, and a way to send events. */
export async function threadBody<I, R, E = never>(
  body: (input: I, thread: { signal: AbortSignal; emit(event: E): void }) => Promise<R>,
): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('this entry runs in a worker thread only');
  const abort = new AbortController();
  port.on('message', () => abort.abort(new Error('stopped')));
  const send = (message: Message) => port.postMessage(message);
  try {
    const result = await body(workerData as I, {
      signal: abort.signal,
      emit: (event) => send({ type: 'event', event }),
    });
    send({ type: 'result', result });
  } catch (thrown) {
    if (thrown instanceof AppError) send({ type: 'error', wire: thrown.wire });
    else send({ type: 'crash', stack: thrown instanceof Error ? String(thrown.stack) : String(thrown) });
  }
  port.removeAllListeners('message');
  port.unref();
}
