import { clientError } from '../../shared/errors/client-error.ts';
import { AppError } from '../../shared/errors/errors-from.ts';
import { type Client, connect } from '../../shared/rpc/connect.ts';
import type { Contract, Method } from '../../shared/rpc/contract.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';

/** `lost`: the server does not answer, and the page keeps retrying. `signed-out`: it answers, and requires a new sign-in link. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'signed-out';

/** A client that outlives its connection. `state` works with React's `useSyncExternalStore(state.subscribe, state.get)`. */
export interface Connection<C extends Contract> {
  /**
   * Pending calls and jobs reject with `rpc.closed` when the connection breaks. New ones reject until it is open again, or wait if it
   * has never been open. Streams resume automatically, until their caller leaves: `jobs.watch` after its last event, the others from their start.
   */
  client: Client<C>;
  state: { get(): ConnectionState; subscribe(listener: () => void): () => void };
  /** Retries now instead of after the current pause. */
  retry(): void;
  close(): void;
}

/** How to stay connected. `ping` runs at intervals, and a connection that does not answer it is closed. */
export interface KeepConnectedOptions<C extends Contract> {
  open(): Promise<Pipe | 'signed-out'>;
  ping(client: Client<C>): Promise<unknown>;
  firstRetryMs?: number;
  lastRetryMs?: number;
  pingEveryMs?: number;
  pingTimeoutMs?: number;
}

/** Opens a connection, and reopens it whenever it breaks, with doubling pauses up to 10 s, until closed. */
export function keepConnected<C extends Contract>(contract: C, options: KeepConnectedOptions<C>): Connection<C> {
  const keeper = new Keeper(contract, options);
  void keeper.run();
  const areas = Object.entries(contract).map(([area, group]) => {
    const verbs = Object.entries(group).map(([verb, method]) => [verb, keeper.caller(area, verb, method)]);
    return [area, Object.fromEntries(verbs)];
  });
  return {
    client: Object.fromEntries(areas) as Client<C>,
    state: keeper.state,
    retry: () => keeper.retry(),
    close: () => keeper.close(),
  };
}

type LooseCaller = (input: unknown, leave?: AbortSignal) => unknown;
type LooseClient = Record<string, Record<string, LooseCaller>>;

const peer = 'the Sealift that shows this page';

class Keeper<C extends Contract> {
  readonly #contract: C;
  readonly #options: KeepConnectedOptions<C>;
  readonly #listeners = new Set<() => void>();
  #state: ConnectionState = 'connecting';
  #client: LooseClient | undefined;
  #pipe: Pipe | undefined;
  #isClosed = false;
  #retryNow = () => {};

  readonly state = {
    get: () => this.#state,
    subscribe: (listener: () => void) => {
      this.#listeners.add(listener);
      return () => void this.#listeners.delete(listener);
    },
  };

  constructor(contract: C, options: KeepConnectedOptions<C>) {
    this.#contract = contract;
    this.#options = options;
  }

  async run(): Promise<void> {
    const { open, firstRetryMs = 250, lastRetryMs = 10_000 } = this.#options;
    let retryMs = firstRetryMs;
    while (!this.#isClosed) {
      const pipe = await open().catch(() => 'lost' as const);
      if (typeof pipe === 'string') this.#set(pipe);
      else {
        const openedAt = Date.now();
        await this.#use(pipe);
        // A server that accepts connections only to drop them must not be retried without a pause.
        if (Date.now() - openedAt > lastRetryMs) retryMs = firstRetryMs;
      }
      if (this.#isClosed) return;
      await new Promise<void>((resolve) => {
        this.#retryNow = resolve;
        setTimeout(resolve, retryMs);
      });
      retryMs = Math.min(retryMs * 2, lastRetryMs);
    }
  }

  retry(): void {
    this.#retryNow();
  }

  close(): void {
    this.#isClosed = true;
    this.#pipe?.close();
    this.#set('lost');
    this.#retryNow();
  }

  caller(area: string, verb: string, method: Method): LooseCaller {
    if (method.kind === 'stream') return (input, leave) => this.#stream(area, verb, input, leave);
    return async (input) => (await this.#ready())[area]?.[verb]?.(input);
  }

  /** Uses this pipe for the calls of the page until it closes. */
  async #use(pipe: Pipe): Promise<void> {
    if (this.#isClosed) return pipe.close();
    const closed = new Promise<void>((resolve) => pipe.onClose(resolve));
    const client = connect(this.#contract, pipe, peer);
    this.#pipe = pipe;
    this.#client = client as LooseClient;
    this.#set('open');
    const stopPing = this.#ping(client, pipe);
    await closed;
    stopPing();
    this.#client = undefined;
    this.#set('lost');
  }

  /** A tunnel can stay open long after its other end is gone, so only an answer counts. */
  #ping(client: Client<C>, pipe: Pipe): () => void {
    const { pingEveryMs = 20_000, pingTimeoutMs = 10_000 } = this.#options;
    let deadline: ReturnType<typeof setTimeout> | undefined;
    const timer = setInterval(() => {
      deadline ??= setTimeout(() => pipe.close(), pingTimeoutMs);
      const answered = () => {
        clearTimeout(deadline);
        deadline = undefined;
      };
      // An error is an answer too.
      void this.#options.ping(client).then(answered, answered);
    }, pingEveryMs);
    return () => {
      clearInterval(timer);
      clearTimeout(deadline);
    };
  }

  #set(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  async #ready(): Promise<LooseClient> {
    if (this.#state === 'connecting') await this.#changed();
    if (this.#client) return this.#client;
    throw clientError('rpc.closed', { peer });
  }

  /** Resolves at the next change of the state, or when the caller leaves. */
  #changed(leave?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop();
        leave?.removeEventListener('abort', done);
        resolve();
      };
      const stop = this.state.subscribe(done);
      leave?.addEventListener('abort', done);
    });
  }

  async *#stream(area: string, verb: string, input: unknown, leave?: AbortSignal): AsyncGenerator<unknown> {
    let next = input;
    for (;;) {
      while (!this.#client && !this.#isClosed && !leave?.aborted) await this.#changed(leave);
      if (leave?.aborted) return;
      const source = (this.#client?.[area]?.[verb]?.(next, leave) ?? []) as AsyncIterable<unknown>;
      try {
        for await (const item of source) {
          if (`${area}.${verb}` === 'jobs.watch')
            next = { ...(input as object), afterSeq: (item as { seq: number }).seq };
          yield item;
        }
        return;
      } catch (thrown) {
        if (this.#isClosed || !(thrown instanceof AppError) || thrown.code !== 'rpc.closed') throw thrown;
      }
    }
  }
}
