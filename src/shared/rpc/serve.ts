import { type AppError, appError, toAppError } from '../errors/app-error.ts';
import type { Contract, ItemOf, Job, Method, OutputOf, ParsedInputOf, Stream } from './contract.ts';
import { clientFrame, issueLines, maxOpenCalls, parseFrame, streamCredit } from './frames.ts';
import type { Pipe } from './pipe.ts';

/** Response to a job call: the job keeps running, and can be watched by this id. */
export interface JobStarted {
  jobId: string;
}

/** What a handler knows about its caller. */
export interface CallContext {
  /** Aborts when the caller stops the call or disconnects. */
  signal: AbortSignal;
  /** Whether this connection may call methods that write. If not, `owner` holds the lock. */
  mayWrite: boolean;
  owner: string;
}

/** The implementation of one method. */
export type Handler<M extends Method> =
  M extends Stream<infer _I, infer _T>
    ? (input: ParsedInputOf<M>, context: CallContext) => AsyncIterable<ItemOf<M>>
    : M extends Job<infer _I, infer _O>
      ? (input: ParsedInputOf<M>, context: CallContext) => Promise<JobStarted>
      : (input: ParsedInputOf<M>, context: CallContext) => Promise<OutputOf<M>>;

/** The implementation of a contract. */
export type Handlers<C extends Contract> = { [A in keyof C]: { [V in keyof C[A]]: Handler<C[A][V]> } };

/** Options for serving one connection. */
export interface ServeOptions {
  /** False refuses methods that write with `rpc.read-only`, naming `owner`. */
  mayWrite: boolean;
  owner: string;
  /** Called for every error, with the reference shown to the caller. */
  onError?(error: AppError): void;
  newRef(): string;
}

interface OpenCall {
  abort: AbortController;
  credit: number;
  wake?: () => void;
}

type LooseHandler = (input: unknown, context: CallContext) => Promise<unknown> | AsyncIterable<unknown>;

/**
 * Answers calls on a pipe until it closes. Inputs are validated before a handler sees them. Names are looked up as own properties only.
 * An invalid frame closes the connection, and closing aborts every open call.
 */
export function serve<C extends Contract>(contract: C, handlers: Handlers<C>, pipe: Pipe, options: ServeOptions): void {
  const open = new Map<number, OpenCall>();
  const fail = (id: number, thrown: unknown) => {
    const error = toAppError(thrown, options.newRef);
    options.onError?.(error);
    return pipe.send(JSON.stringify({ k: 'err', id, e: error.wire }));
  };
  pipe.onClose(() => {
    for (const one of open.values()) {
      one.abort.abort();
      one.wake?.();
    }
    open.clear();
  });
  pipe.onFrame((text) => {
    const parsed = parseFrame(text, clientFrame);
    if ('problem' in parsed) return pipe.close();
    const frame = parsed.frame;
    const known = open.get(frame.id);
    if (frame.k === 'stop') {
      known?.abort.abort();
      known?.wake?.();
    } else if (frame.k === 'more') {
      if (known) {
        known.credit += frame.n;
        known.wake?.();
      }
    } else if (known) pipe.close();
    else if (open.size >= maxOpenCalls) void fail(frame.id, appError('rpc.too-busy', { limit: maxOpenCalls }));
    else {
      const one: OpenCall = { abort: new AbortController(), credit: streamCredit };
      open.set(frame.id, one);
      void answer(contract, handlers, pipe, options, frame, one)
        .catch((thrown) => fail(frame.id, thrown))
        .finally(() => open.delete(frame.id));
    }
  });
}

async function answer<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  pipe: Pipe,
  options: ServeOptions,
  frame: { id: number; m: string; a?: unknown },
  one: OpenCall,
): Promise<void> {
  const { method, handler } = lookUp(contract, handlers, frame.m);
  if (method.writes && !options.mayWrite) throw appError('rpc.read-only', { method: frame.m, owner: options.owner });
  const input = method.input.safeParse(frame.a);
  if (!input.success) throw appError('input.invalid', { what: frame.m, issues: issueLines(input.error) });
  const result = handler(input.data, { signal: one.abort.signal, mayWrite: options.mayWrite, owner: options.owner });
  if (method.kind === 'stream') {
    await sendItems(pipe, frame.id, result as AsyncIterable<unknown>, one);
    await pipe.send(JSON.stringify({ k: 'ok', id: frame.id, v: null }));
  } else {
    await pipe.send(JSON.stringify({ k: 'ok', id: frame.id, v: (await (result as Promise<unknown>)) ?? null }));
  }
}

async function sendItems(pipe: Pipe, id: number, items: AsyncIterable<unknown>, one: OpenCall): Promise<void> {
  for await (const item of items) {
    while (one.credit === 0 && !one.abort.signal.aborted) {
      await new Promise<void>((resolve) => {
        one.wake = resolve;
      });
    }
    if (one.abort.signal.aborted) return;
    one.credit -= 1;
    await pipe.send(JSON.stringify({ k: 'item', id, v: item }));
  }
}

function lookUp(contract: Contract, handlers: object, name: string): { method: Method; handler: LooseHandler } {
  const [area, verb, ...rest] = name.split('.');
  const group = own(contract, area);
  const method = own(group, verb);
  const handler = own(own(handlers, area), verb);
  if (rest.length > 0 || !method || typeof handler !== 'function')
    throw appError('rpc.unknown-method', { method: name.slice(0, 100) });
  return { method: method as Method, handler: handler as LooseHandler };
}

function own(holder: unknown, key: string | undefined): unknown {
  if (typeof holder !== 'object' || holder === null || key === undefined || !Object.hasOwn(holder, key))
    return undefined;
  return (holder as Record<string, unknown>)[key];
}
