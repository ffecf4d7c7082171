import type { Dispatcher } from 'undici';
import { type AppError, appError } from '../../../shared/errors/app-error.ts';
import { flatHeaders, readBody } from '../http/read-body.ts';
import type { RemoteWatch } from './back-off.ts';
import { parseChallenge } from './challenge.ts';
import { isBusy, type Patient, patiently } from './patience.ts';
import { loginText, type RemoteAccess } from './remote-access.ts';
import { authorisation, type Exchange } from './token-service.ts';
import { trustedBy } from './trusted-by.ts';

/** One question to a host. `what` names its subject in errors. */
export interface RemoteAsk {
  /** At the host's own origin, or at an https address that BUNDLE.yaml names. */
  url: string;
  headers?: Record<string, string>;
  what: string;
  watch: RemoteWatch;
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
   * Returns the answer, of any status but 401, 403, 429 and 5xx. Throws `remote.unreachable`, `remote.certificate`, `remote.unauthorised`,
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
    const patient = this.#patient(ask);
    return patiently(patient, async () => {
      const { body, ...answer } = await this.ask(ask);
      patient.at.url = answer.url;
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
    const patient = this.#patient(ask);
    return patiently(patient, () => this.#hops(ask, patient.at));
  }

  async #hops(ask: RemoteAsk, at: Patient['at']): Promise<RemoteAnswer> {
    at.url = ask.url;
    for (let hop = 0; hop <= maxHops; hop += 1) {
      const answer = await this.#send(ask, at.url);
      const { location } = answer.headers;
      const isRedirect = redirects.includes(answer.status) && location !== undefined;
      if (isRedirect || isBusy(answer.status)) await drop(answer);
      if (!isRedirect) return answer;
      const next = URL.canParse(location, at.url) ? new URL(location, at.url) : undefined;
      if (next?.protocol !== 'https:') throw this.#odd(ask, 'it redirects to an address that is not https');
      at.url = next.href;
    }
    throw this.#odd(ask, 'it redirects in a circle');
  }

  async #send({ headers, watch }: RemoteAsk, url: string): Promise<RemoteAnswer> {
    const authorization = this.#isOwn(url) ? (this.#token ?? ownHeader(this.access)) : undefined;
    const sent = { ...headers, ...(authorization && { authorization }) };
    const answer = await this.#request({ method: 'GET', url, headers: sent }, watch);
    return { status: answer.statusCode, headers: flatHeaders(answer.headers), body: answer.body, url };
  }

  #exchange(one: Parameters<Exchange>[0], ask: RemoteAsk): ReturnType<Exchange> {
    return patiently(this.#patient({ ...ask, url: one.url }), async () => {
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

  async #request({ url, headers, ...rest }: Parameters<Exchange>[0], { signal }: RemoteWatch) {
    const { request } = await import('undici');
    return request(url, {
      ...rest,
      headers: { 'user-agent': 'sealift', ...headers },
      dispatcher: await this.#dispatch(),
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      signal,
    });
  }

  #patient({ url, watch }: Pick<RemoteAsk, 'url' | 'watch'>): Patient {
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
    await drop(answer);
    const { host } = new URL(answer.url);
    if (answer.headers['x-error-code'] === 'GatedRepo') return appError('remote.gated', { host, repository: what });
    const { login, name, way } = this.access;
    const facts = { host, what, login: loginText(login), answer: `HTTP ${answer.status}`, name, way };
    return appError('remote.unauthorised', facts);
  }

  #odd({ what }: RemoteAsk, problem: string): AppError {
    return appError('remote.odd-answer', { host: this.host, what, problem });
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
