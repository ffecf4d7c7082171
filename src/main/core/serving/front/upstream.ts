import { Agent, type Dispatcher, request } from 'undici';
import { withoutEndSlash } from '../../http/without-end-slash.ts';
import { ApiError } from '../openai/api-error.ts';
import { baseUrl, ownerHeader, type PartAddress } from '../parts/parts.ts';
import { hidesKey } from './hidden-key.ts';
import { UpstreamSilence } from './upstream-silence.ts';

/** A request to the model server. */
export interface UpstreamCall {
  method: 'GET' | 'POST';
  /** Below the base URL, for example `/models`. */
  path: string;
  body?: string;
  requestId?: string;
  /** Whose key the request carries, by name; only an engine of ours is told. */
  owner?: string | undefined;
  signal: AbortSignal;
}

/** How an upstream is watched; tests set their own clock and limit. */
export interface UpstreamOptions {
  now?: () => number;
  /** How long someone else's model server may be silent. Longer than any prompt takes: one that hangs must not block the client forever. */
  silenceLimitMs?: number;
}

const usualSilenceMs = 600_000;
/** Our own engine keeps requests waiting for their turn, and is restarted when it computes for too long without a result. */
const unlimited = { headersTimeout: 0, bodyTimeout: 0 };

/** Somebody else's model server: the base URL, the key that it requires, and whom its certificate may come from (PEM). */
export interface UpstreamServer {
  url: string;
  key?: string | undefined;
  ca?: string | undefined;
}

/** The model server behind the front. Its address can change while requests run. */
export class Upstream {
  readonly #agent: Agent;
  readonly #asked: Dispatcher;
  readonly #silence: UpstreamSilence;
  readonly #watched: Dispatcher;
  #baseUrl: string | undefined;
  /** The token of an engine of ours, which changes with its address. */
  #token: string | undefined;
  #key: string | undefined;

  /** Without an address, requests fail with 503 until the first `redirect`. */
  constructor(
    at: PartAddress | UpstreamServer | undefined,
    { now, silenceLimitMs = usualSilenceMs }: UpstreamOptions = {},
  ) {
    const ca = at && 'url' in at ? at.ca : undefined;
    this.#agent = new Agent({
      connectTimeout: 5000,
      headersTimeout: silenceLimitMs,
      bodyTimeout: silenceLimitMs,
      ...(ca !== undefined && { connect: { ca } }),
    });
    this.#silence = new UpstreamSilence(now);
    if (at && 'url' in at) {
      this.#baseUrl = withoutEndSlash(at.url);
      this.#key = at.key;
    } else if (at) this.redirect(at);
    this.#asked = this.#key === undefined ? this.#agent : this.#agent.compose(hidesKey(this.#key));
    this.#watched = this.#asked.compose(this.#silence.interceptor);
  }

  /** Sends later requests to this address: a restarted model server has another port and token. */
  redirect(at: PartAddress): void {
    this.#baseUrl = baseUrl(at);
    this.#token = at.token;
  }

  /** Sends a request and returns its answer, whatever the status. Throws ApiError 503 or 504, or the signal's reason. */
  async call({ method, path, body, requestId, owner, signal }: UpstreamCall): Promise<Dispatcher.ResponseData> {
    const bearer = this.#token ?? this.#key;
    const headers = {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(this.#token !== undefined && owner !== undefined && { [ownerHeader]: owner }),
      ...(requestId !== undefined && { 'x-request-id': requestId }),
    };
    if (this.#baseUrl === undefined) throw upstreamError(new Error('the model server has not started'));
    return request(`${this.#baseUrl}${path}`, {
      method,
      headers,
      body: body ?? null,
      signal,
      // Only the model itself counts: a server whose model hangs may still list its models.
      dispatcher: method === 'POST' ? this.#watched : this.#asked,
      ...(method === 'POST' && this.#token !== undefined && unlimited),
    }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw upstreamError(cause);
    });
  }

  /** Returns for how many seconds the model has sent nothing while requests were open, as `UpstreamSilence` counts them. */
  silentSeconds(): number {
    return this.#silence.seconds();
  }

  /** True when the model server lists its models within two seconds. */
  async isReady(): Promise<boolean> {
    try {
      const { statusCode, body } = await this.call({
        method: 'GET',
        path: '/models',
        signal: AbortSignal.timeout(2000),
      });
      await body.dump();
      return statusCode === 200;
    } catch {
      return false;
    }
  }

  /** Aborts all open requests. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Returns the client's error for a failed connection: 504 when the model server was silent for too long, else 503. */
export function upstreamError(cause: unknown): ApiError {
  const code = (cause as { code?: string }).code ?? '';
  const isLate = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
  const error = isLate
    ? new ApiError('The model server was silent for too long.', {
        status: 504,
        type: 'server_error',
        code: 'upstream_timeout',
        mayRetry: false,
      })
    : new ApiError('The model server is unreachable or broke off its answer.', {
        status: 503,
        type: 'server_error',
        code: 'upstream_unavailable',
        mayRetry: true,
      });
  error.cause = cause;
  return error;
}

/** Returns any error on the way to the model server as the client's. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : upstreamError(error);
}
