import { clientError } from '../errors/client-error.ts';
import { AppError } from '../errors/errors-from.ts';
import type { Contract, InputOf, ItemOf, Job, Method, OutputOf, Stream } from './contract.ts';
import { issueLines, parseFrame, serverFrame, streamCredit } from './frames.ts';
import type { Pipe } from './pipe.ts';
import type { JobStarted } from './serve.ts';

/** The client's function for one method. */
export type Caller<M extends Method> =
  M extends Stream<infer _I, infer _T>
    ? (input: InputOf<M>, leave?: AbortSignal) => AsyncIterable<ItemOf<M>>
    : M extends Job<infer _I, infer _O>
      ? (input: InputOf<M>) => Promise<JobStarted>
      : (input: InputOf<M>) => Promise<OutputOf<M>>;

/** The typed client of a contract. */
export type Client<C extends Contract> = { [A in keyof C]: { [V in keyof C[A]]: Caller<C[A][V]> } };

interface Pending {
  item(value: unknown): void;
  ok(value: unknown): void;
  err(error: AppError): void;
}

/**
 * Creates a client on one end of a pipe. Responses are validated against the contract. Leaving a stream early stops its source; `leave`
 * ends it while it is silent too, as if it had no more items. When the pipe closes, every open and every later call fails with `rpc.closed`, naming `peer`.
 */
export function connect<C extends Contract>(contract: C, pipe: Pipe, peer: string): Client<C> {
  const line = new Line(pipe, peer);
  const areas = Object.entries(contract).map(([area, group]) => {
    const verbs = Object.entries(group).map(([verb, method]) => [verb, caller(line, `${area}.${verb}`, method)]);
    return [area, Object.fromEntries(verbs)];
  });
  return Object.fromEntries(areas) as Client<C>;
}

function caller(line: Line, name: string, method: Method): (input: unknown, leave?: AbortSignal) => unknown {
  if (method.kind === 'stream') return (input, leave) => line.stream(name, method, input, leave);
  return async (input) => {
    const value = await line.ask(name, input);
    return method.kind === 'job' ? value : checked(method, name, value);
  };
}

function checked(method: Method, name: string, value: unknown): unknown {
  const result = (method.kind === 'stream' ? method.item : method.output).safeParse(value);
  if (!result.success) throw clientError('rpc.bad-answer', { method: name, issues: issueLines(result.error) });
  return result.data;
}

class Line {
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #closed = false;
  readonly #pipe: Pipe;
  readonly #peer: string;

  constructor(pipe: Pipe, peer: string) {
    this.#pipe = pipe;
    this.#peer = peer;
    pipe.onFrame((text) => this.#receive(text));
    pipe.onClose(() => this.#close());
  }

  ask(name: string, input: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(clientError('rpc.closed', { peer: this.#peer }));
      this.#start(name, input, { item: () => undefined, ok: resolve, err: reject });
    });
  }

  async *stream(name: string, method: Method, input: unknown, leave?: AbortSignal): AsyncGenerator<unknown> {
    if (leave?.aborted) return;
    if (this.#closed) throw clientError('rpc.closed', { peer: this.#peer });
    const waiting: unknown[] = [];
    let end: { error?: AppError } | undefined;
    let wake = () => {};
    const left = () => wake();
    leave?.addEventListener('abort', left);
    const id = this.#start(name, input, {
      item: (value) => {
        waiting.push(value);
        wake();
      },
      ok: () => {
        end = {};
        wake();
      },
      err: (error) => {
        end = { error };
        wake();
      },
    });
    let taken = 0;
    try {
      for (;;) {
        while (waiting.length > 0) {
          if (leave?.aborted) return;
          yield checked(method, name, waiting.shift());
          taken += 1;
          if (taken % (streamCredit / 2) === 0)
            void this.#pipe.send(JSON.stringify({ k: 'more', id, n: streamCredit / 2 }));
        }
        if (leave?.aborted) return;
        if (end?.error) throw end.error;
        if (end) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      leave?.removeEventListener('abort', left);
      if (!end) void this.#pipe.send(JSON.stringify({ k: 'stop', id }));
      this.#pending.delete(id);
    }
  }

  #start(name: string, input: unknown, pending: Pending): number {
    const id = this.#nextId++;
    this.#pending.set(id, pending);
    void this.#pipe.send(JSON.stringify({ k: 'call', id, m: name, a: input }));
    return id;
  }

  #receive(text: string): void {
    const parsed = parseFrame(text, serverFrame);
    if ('problem' in parsed) return this.#pipe.close();
    const frame = parsed.frame;
    const pending = this.#pending.get(frame.id);
    if (!pending) return;
    if (frame.k === 'item') return pending.item(frame.v);
    this.#pending.delete(frame.id);
    if (frame.k === 'ok') pending.ok(frame.v);
    else pending.err(new AppError(frame.e));
  }

  #close(): void {
    this.#closed = true;
    const error = clientError('rpc.closed', { peer: this.#peer });
    for (const pending of this.#pending.values()) pending.err(error);
    this.#pending.clear();
  }
}
