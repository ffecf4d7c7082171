import type { Dispatcher } from 'undici';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { detailOf, failureOf } from '../http/bounded-request.ts';
import { flatHeaders, readBody } from '../http/read-body.ts';
import { backOff, patienceSeconds, retryAfterSeconds } from './back-off.ts';
import { parseChallenge } from './challenge.ts';
import { loginText, type RemoteAccess } from './remote-access.ts';
import { authorisation, type Exchange } from './token-service.ts';
import { trustedBy } from './trusted-by.ts';

/** One question to a host. `what` names its subject in errors. */
export interface RemoteAsk {
  method?: 'GET' | 'HEAD';
  /** At the host's own origin, or at an https address that BUNDLE.yaml names. */
  url: string;
  headers?: Record<string, string>;
  what: string;
  signal: AbortSignal;
}

/** An answer with its body not yet read: read it to the end, or destroy it. */
export interface RemoteAnswer {
  status: number;
  headers: Record<string, string>;
  body: Dispatcher.ResponseData['body'];
  /** Where the answer came from after redirects. */
  url: string;
}

const attempts = 5;
const redirects = [301, 302, 303, 307, 308];
const maxHops = 5;
const maxTextBytes = 1024 * 1024;
const silenceMs = 30_000;

/**
 * Asks one host, through the proxy of the environment if there is one. Follows redirects, but sends the login to the host's own origin and
 * its token service alone. Asks again after 429 and 5xx, as late as the server wants, and after broken connections.
 */
export class RemoteHost {
  readonly access: RemoteAccess;
  readonly host: string;
  #dispatcher: Promise<Dispatcher> | undefined;
  /** What the host took last time. */
  #authorization: string | undefined;

  constructor(access: RemoteAccess) {
    this.access = access;
    this.host = new URL(access.origin).host;
    const { login } = access;
    if (login?.kind === 'bearer') this.#authorization = `Bearer ${login.token}`;
  }

  /**
   * Returns the answer, of any status but 401, 403, 429 and 5xx. Throws `remote.unreachable`, `remote.certificate`, `remote.unauthorised`,
   * `remote.busy`, `remote.foreign-realm`, `remote.odd-answer`, and the signal's reason.
   */
  async ask(ask: RemoteAsk): Promise<RemoteAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#attempt(ask, attempt);
      if (!answer) {
        await backOff(attempt, ask.signal);
        continue;
      }
      const { status } = answer;
      if (status === 401 || status === 403) throw await this.#unauthorised(answer, ask);
      if (status !== 429 && status < 500) return answer;
      const askedSeconds = retryAfterSeconds(answer.headers['retry-after'], Date.now());
      await drop(answer);
      if (attempt >= attempts || (askedSeconds ?? 0) > patienceSeconds) {
        throw appError('remote.busy', { host: new URL(answer.url).host, status, waitSeconds: askedSeconds ?? 0 });
      }
      await backOff(attempt, ask.signal, askedSeconds);
    }
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    const dispatcher = await this.#dispatcher?.catch(() => undefined);
    await dispatcher?.destroy().catch(() => undefined);
  }

  /** Undefined after a broken connection that is worth another attempt. */
  async #attempt(ask: RemoteAsk, attempt: number): Promise<RemoteAnswer | undefined> {
    const at = { url: ask.url };
    try {
      return await this.#authorised(ask, at);
    } catch (error) {
      ask.signal.throwIfAborted();
      if (error instanceof AppError) throw error;
      const failure = failureOf(error);
      if (attempt < attempts && ['reset', 'timeout'].includes(failure)) return undefined;
      const { host } = new URL(at.url);
      const reason = detailOf(error);
      throw appError(failure === 'tls-certificate' ? 'remote.certificate' : 'remote.unreachable', { host, reason });
    }
  }

  async #authorised(ask: RemoteAsk, at: { url: string }): Promise<RemoteAnswer> {
    const first = await this.#follow(ask, at);
    if (first.status !== 401 || new URL(first.url).origin !== this.access.origin) return first;
    const challenge = parseChallenge(first.headers['www-authenticate'] ?? '');
    const { access } = this;
    const exchange: Exchange = (one) => this.#exchange(one, ask.signal, at);
    const answer = challenge && (await authorisation(challenge, { access, what: ask.what, exchange }));
    if (answer === undefined || answer === this.#authorization) return first;
    await drop(first);
    this.#authorization = answer;
    at.url = ask.url;
    return this.#follow(ask, at);
  }

  async #follow(ask: RemoteAsk, at: { url: string }): Promise<RemoteAnswer> {
    for (let hop = 0; hop <= maxHops; hop += 1) {
      const answer = await this.#send(ask, at.url);
      const { location } = answer.headers;
      if (!redirects.includes(answer.status) || location === undefined) return answer;
      await drop(answer);
      const next = URL.canParse(location, at.url) ? new URL(location, at.url) : undefined;
      if (next?.protocol !== 'https:' && next?.protocol !== new URL(ask.url).protocol) {
        throw this.#odd(ask, `it redirects to an address that is not https`);
      }
      at.url = next.href;
    }
    throw this.#odd(ask, 'it redirects in a circle');
  }

  async #send({ method = 'GET', headers, signal }: RemoteAsk, url: string): Promise<RemoteAnswer> {
    const { request } = await import('undici');
    const isOwn = new URL(url).origin === this.access.origin;
    const authorization = isOwn ? this.#authorization : undefined;
    const answer = await request(url, {
      method,
      headers: { 'user-agent': 'sealift', ...headers, ...(authorization && { authorization }) },
      dispatcher: await this.#dispatch(),
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      signal,
    });
    return { status: answer.statusCode, headers: flatHeaders(answer.headers), body: answer.body, url };
  }

  async #exchange(
    { method, url, headers, body }: Parameters<Exchange>[0],
    signal: AbortSignal,
    at: { url: string },
  ): ReturnType<Exchange> {
    const { request } = await import('undici');
    at.url = url;
    const answer = await request(url, {
      method,
      headers: { 'user-agent': 'sealift', accept: 'application/json', ...headers },
      ...(body !== undefined && { body }),
      dispatcher: await this.#dispatch(),
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      signal,
    });
    const text = await readBody(answer.body, maxTextBytes);
    return { status: answer.statusCode, text: text?.toString('utf8') ?? '' };
  }

  #dispatch(): Promise<Dispatcher> {
    this.#dispatcher ??= (async () => {
      const { EnvHttpProxyAgent } = await import('undici');
      const tls = { secureContext: await trustedBy(this.access.ca) };
      return new EnvHttpProxyAgent({ connect: { ...tls, timeout: silenceMs }, requestTls: tls, proxyTls: tls });
    })();
    return this.#dispatcher;
  }

  async #unauthorised(answer: RemoteAnswer, { what }: RemoteAsk): Promise<AppError> {
    await drop(answer);
    const { host } = new URL(answer.url);
    if (answer.headers['x-error-code'] === 'GatedRepo') return appError('remote.gated', { host, repository: what });
    const login = loginText(this.access.login);
    const { way } = this.access;
    return appError('remote.unauthorised', { host, what, login, answer: `HTTP ${answer.status}`, way });
  }

  #odd({ what }: RemoteAsk, problem: string): AppError {
    return appError('remote.odd-answer', { host: this.host, what, problem });
  }
}

/** Ends an answer without reading it to the end. */
export async function drop({ body }: Pick<RemoteAnswer, 'body'>): Promise<void> {
  await body.dump({ limit: 128 * 1024 }).catch(() => undefined);
}

/** Returns the whole body of an answer; undefined, and the connection is closed, when it is longer. Throws when it breaks off. */
export function bodyOf({ body }: Pick<RemoteAnswer, 'body'>, limitBytes: number): Promise<Buffer | undefined> {
  return readBody(body, limitBytes);
}
