import { DecoratorHandler, type Dispatcher } from 'undici';

type Request = Dispatcher.DispatchController;

/** What ends a request from our side, besides an abort. */
const ours = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

/**
 * Measures how long a model server has sent no byte of any answer although requests were with it. The time adds up over requests that
 * clients gave up or that ran out of time, until a byte comes or a connection breaks: a server that is gone does not hang.
 */
export class UpstreamSilence {
  readonly #now: () => number;
  readonly #open = new Set<Request>();
  #since = 0;
  #before = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Measures the requests of a dispatcher, each from when it is sent on its connection. */
  readonly interceptor: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
    dispatch(options, this.#listening(new DecoratorHandler(handler)));

  /** Returns the seconds of silence; 0 while no request is open, or while no client takes what the server has sent. */
  seconds(): number {
    if (this.#open.size === 0) return 0;
    if ([...this.#open].every((one) => one.paused)) this.#heard();
    return Math.round((this.#before + this.#now() - this.#since) / 1000);
  }

  #listening(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
    return {
      onRequestStart: (request, context) => {
        this.#sent(request);
        handler.onRequestStart?.(request, context);
      },
      onResponseStart: (...given) => handler.onResponseStart?.(...given),
      onResponseData: (request, data) => {
        this.#heard();
        handler.onResponseData?.(request, data);
      },
      onResponseEnd: (request, trailers) => {
        this.#heard();
        this.#ended(request);
        handler.onResponseEnd?.(request, trailers);
      },
      onResponseError: (request, error: Error & { code?: string }) => {
        // A connection that could not be opened has no request, whatever the types say.
        const sent: Request | null = request;
        if (!sent?.aborted && !ours.includes(error.code ?? '')) this.#heard();
        this.#ended(request);
        handler.onResponseError?.(request, error);
      },
    };
  }

  #heard(): void {
    this.#before = 0;
    this.#since = this.#now();
  }

  #sent(request: Request): void {
    if (this.#open.size === 0) this.#since = this.#now();
    this.#open.add(request);
  }

  #ended(request: Request): void {
    if (this.#open.delete(request) && this.#open.size === 0) this.#before += this.#now() - this.#since;
  }
}
