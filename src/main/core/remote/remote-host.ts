import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { type AppError, appError } from '../../../shared/errors/app-error.ts';
import { flatHeaders, readBody } from '../http/read-body.ts';
import { answerWords } from './answer-words.ts';
import type { RemoteWatch } from './back-off.ts';
import { parseChallenge } from './challenge.ts';
import { loginText, type RemoteAccess } from './remote-access.ts';
import { isBusy, type RetriedRequest, retryRequest } from './retry-request.ts';
import { authorisation, type Exchange } from './token-service.ts';
import { trustedBy } from './trusted-by.ts';

/** One question to a host. `what` names its subject in errors. */
export interface RemoteAsk {
  /** At the host's own origin, or at an https address that BUNDLE.yaml names. */
  url: string;
  /** Default: GET. */
  method?: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT';
  headers?: Record<string, string>;
  body?: RemoteBody;
  what: string;
  watch: RemoteWatch;
  /**
   * For what must not be repeated unseen: it is asked once, busy answers are returned with their bodies, and a broken connection throws
   * what undici throws.
   */
  isOnce?: boolean;
  /** How long the host may be silent before its answer begins. Default: 30 s. */
  patienceMs?: number;
}

/** Bytes to send. `onSent` gets the number of those that went out since the last call; they are sent again after a 401. */
export interface RemoteBody {
  bytes: Buffer;
  onSent?: (bytes: number) => void;
}

/** An answer with its body not yet read: read it to the end, or destroy it. */
export interface RemoteAnswer {
  status: number;
  headers: Record<string, string>;
  body: Dispatcher.ResponseData['body'];
  /** Where the answer came from after redirects. */
  url: string;
}

const redirects = [301, 302, 303, 307, 308];
const maxHops = 5;
const maxTextBytes = 1024 * 1024;
const silenceMs = 30_000;
/** In pieces, so that a slow line is not taken for a silent host. */
const pieceBytes = 256 * 1024;

/**
 * Asks one host, through the proxy of the environment if there is one. Follows redirects, but sends the login to the host's own origin and
 * its token service alone. Asks both again after 429 and 5xx, as late as the server wants, and after broken connections.
 */
export class RemoteHost {
  readonly access: RemoteAccess;
  readonly host: string;
  #dispatcher: Promise<Dispatcher> | undefined;
  /** What the host took last time, for one of its repositories. */
  #token: string | undefined;

  constructor(access: RemoteAccess) {
    this.access = access;
    this.host = new URL(access.origin).host;
  }

  /**
   * Returns the answer, of any status but 401, 403 and (unless asked once) 429 and 5xx. Throws `remote.unreachable`, `remote.certificate`, `remote.unauthorised`,
   * `remote.gated`, `remote.busy`, `remote.foreign-realm`, `remote.odd-answer`, and the signal's reason.
   */
  async ask(ask: RemoteAsk): Promise<RemoteAnswer> {
    const answer = await this.#authorised(ask);
    if (answer.status === 401 || answer.status === 403) throw await this.#unauthorised(answer, ask);
    return answer;
  }

  /**
   * Returns a document of unknown size with its status; `bytes` is empty for any status but 200. Asks again when it breaks off. Throws what
   * `ask` throws.
   */
  document(ask: RemoteAsk, limitBytes: number): Promise<Omit<RemoteAnswer, 'body'> & { bytes: Buffer }> {
    const retried = this.#retried(ask);
    return retryRequest(retried, async () => {
      const { body, ...answer } = await this.ask(ask);
      retried.at.url = answer.url;
      if (answer.status !== 200) await drop({ body });
      const bytes = answer.status === 200 ? await readBody(body, limitBytes) : Buffer.alloc(0);
      if (!bytes) throw this.#odd(ask, 'it is too long');
      return { ...answer, bytes };
    });
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    const dispatcher = await this.#dispatcher?.catch(() => undefined);
    await dispatcher?.destroy().catch(() => undefined);
  }

  async #authorised(ask: RemoteAsk): Promise<RemoteAnswer> {
    const refused = await this.#unlessRefused(ask);
    const { access } = this;
    const challenge =
      refused.status === 401 && this.#isOwn(refused.url) && parseChallenge(refused.headers['www-authenticate'] ?? '');
    const exchange: Exchange = (one) => this.#exchange(one, ask);
    const token = challenge && (await authorisation(challenge, { access, what: ask.what, exchange }));
    if (!token || token === this.#token) return refused;
    await drop(refused);
    this.#token = token;
    return this.#follow(ask);
  }

  /** A token may be one of another repository, or too old: some registries answer that without a challenge. */
  async #unlessRefused(ask: RemoteAsk): Promise<RemoteAnswer> {
    const answer = await this.#follow(ask);
    const isChallenge = answer.status === 401 && answer.headers['www-authenticate'] !== undefined;
    const isRefused = (answer.status === 401 || answer.status === 403) && !isChallenge && this.#isOwn(answer.url);
    if (!isRefused || this.#token === undefined) return answer;
    await drop(answer);
    this.#token = undefined;
    return this.#follow(ask);
  }

  #follow(ask: RemoteAsk): Promise<RemoteAnswer> {
    const retried = this.#retried(ask);
    if (ask.isOnce) return this.#hops(ask, retried.at);
    return retryRequest(retried, () => this.#hops(ask, retried.at));
  }

  async #hops(ask: RemoteAsk, at: RetriedRequest['at']): Promise<RemoteAnswer> {
    at.url = ask.url;
    for (let hop = 0; hop <= maxHops; hop += 1) {
      const answer = await this.#send(ask, at.url);
      const { location } = answer.headers;
      const isRedirect = redirects.includes(answer.status) && location !== undefined;
      if (isRedirect || (isBusy(answer.status) && !ask.isOnce)) await drop(answer);
      if (!isRedirect) return answer;
      // After the others, a browser would ask with GET.
      if (isWrite(ask) && answer.status < 307) throw this.#odd(ask, `it redirects with HTTP ${answer.status}`);
      const next = URL.canParse(location, at.url) ? new URL(location, at.url) : undefined;
      const isSafe = next && (next.protocol === 'https:' || this.#isOwn(next.href));
      if (!isSafe) throw this.#odd(ask, 'it redirects to an address that is not https');
      at.url = next.href;
    }
    throw this.#odd(ask, 'it redirects in a circle');
  }

  async #send({ method = 'GET', headers, body, watch, patienceMs }: RemoteAsk, url: string): Promise<RemoteAnswer> {
    const authorization = this.#isOwn(url) ? (this.#token ?? ownHeader(this.access)) : undefined;
    const length = body && { 'content-length': String(body.bytes.length) };
    const sent = { ...headers, ...length, ...(authorization && { authorization }) };
    const bytes = body && Readable.from(piecesOf(body), { objectMode: false });
    const answer = await this.#request({ method, url, headers: sent, body: bytes, patienceMs }, watch);
    return { status: answer.statusCode, headers: flatHeaders(answer.headers), body: answer.body, url };
  }

  #exchange(one: Parameters<Exchange>[0], ask: RemoteAsk): ReturnType<Exchange> {
    return retryRequest(this.#retried({ ...ask, url: one.url }), async () => {
      const answer = await this.#request(
        { ...one, headers: { accept: 'application/json', ...one.headers } },
        ask.watch,
      );
      const bytes = await readBody(answer.body, maxTextBytes);
      return {
        status: answer.statusCode,
        headers: flatHeaders(answer.headers),
        text: bytes?.toString('utf8') ?? '',
      };
    });
  }

  async #request({ url, method, headers, body, patienceMs = silenceMs }: Sent, { signal }: RemoteWatch) {
    const { request } = await import('undici');
    return request(url, {
      method,
      headers: { 'user-agent': 'sealift', ...headers },
      ...(body !== undefined && { body }),
      dispatcher: await this.#dispatch(),
      headersTimeout: patienceMs,
      bodyTimeout: silenceMs,
      signal,
    });
  }

  #retried({ url, watch }: Pick<RemoteAsk, 'url' | 'watch'>): RetriedRequest {
    return { access: this.access, watch, at: { url } };
  }

  #isOwn(url: string): boolean {
    return new URL(url).origin === this.access.origin;
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
    const words = await answerWords(answer);
    const { host } = new URL(answer.url);
    if (answer.headers['x-error-code'] === 'GatedRepo') return appError('remote.gated', { host, repository: what });
    const { login, name, way } = this.access;
    const facts = { host, what, login: loginText(login), answer: words, name, way };
    return appError('remote.unauthorised', facts);
  }

  #odd({ what }: RemoteAsk, problem: string): AppError {
    return appError('remote.odd-answer', { host: this.host, what, problem });
  }
}

type Sent = Omit<Parameters<Exchange>[0], 'method' | 'body'> & {
  method: NonNullable<RemoteAsk['method']>;
  body?: Readable | string | undefined;
  patienceMs?: number | undefined;
};

function isWrite({ method = 'GET' }: RemoteAsk): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function* piecesOf({ bytes, onSent }: RemoteBody): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    const piece = bytes.subarray(from, from + pieceBytes);
    yield piece;
    onSent?.(piece.length);
  }
}

/** A token that was given is sent from the start; it cannot be exchanged for another one. */
function ownHeader({ login }: RemoteAccess): string | undefined {
  return login?.kind === 'bearer' ? `Bearer ${login.token}` : undefined;
}

/** Ends an answer without reading it to the end. */
export async function drop({ body }: Pick<RemoteAnswer, 'body'>): Promise<void> {
  await body.dump({ limit: 128 * 1024 }).catch(() => undefined);
}
