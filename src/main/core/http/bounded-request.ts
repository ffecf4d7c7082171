import { shownLine } from '../processes/shown-line.ts';
import { pythonTls } from './python-tls.ts';
import { flatHeaders, readBody } from './read-body.ts';

/** One HTTP request to a host that the operator named. */
export interface HttpAsk {
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Time limit for the whole exchange, from connecting to the last byte. */
  timeoutMs: number;
  /** A longer answer fails with `too-large`. Default: 1 MiB. */
  maxBytes?: number;
  signal?: AbortSignal;
  /** The trusted authorities, as PEM. Default: the public ones. */
  ca?: string | undefined;
}

/** Reasons why no complete answer arrived. */
export const httpFailures = [
  'refused',
  'unknown-host',
  'unreachable',
  'timeout',
  'reset',
  'tls-plain-port',
  'tls-certificate',
  'not-http',
  'too-large',
  'failed',
] as const;
/** One of `httpFailures`. */
export type HttpFailure = (typeof httpFailures)[number];

/** The result: an answer with any status, or the reason why there is none. `text` has at most `maxBytes` bytes. */
export type HttpAnswer =
  | { kind: 'answer'; status: number; headers: Record<string, string>; text: string; latencyMs: number }
  | { kind: 'failure'; failure: HttpFailure; detail: string; latencyMs: number };

const defaultMaxBytes = 1024 * 1024;

/**
 * Sends one request. Judges certificates as `pythonTls` does. Never follows redirects (a 3xx is an answer like any other), never retries, and uses no proxy.
 * Throws only `signal.reason`, if the caller's signal aborts.
 */
export async function boundedRequest(ask: HttpAsk): Promise<HttpAnswer> {
  // Loaded on first use, because most commands send no request.
  const { Agent, request } = await import('undici');
  const began = performance.now();
  const latencyMs = () => Math.round(performance.now() - began);
  const timeout = AbortSignal.timeout(ask.timeoutMs);
  const dispatcher = new Agent({
    pipelining: 0,
    connections: 1,
    connect: { ...pythonTls, ...(ask.ca !== undefined && { ca: ask.ca }) },
  });
  try {
    const { statusCode, headers, body } = await request(ask.url, {
      method: ask.method,
      headers: { accept: 'application/json', ...(ask.json !== undefined && jsonType), ...ask.headers },
      ...(ask.json !== undefined && { body: JSON.stringify(ask.json) }),
      signal: ask.signal ? AbortSignal.any([ask.signal, timeout]) : timeout,
      headersTimeout: ask.timeoutMs,
      bodyTimeout: ask.timeoutMs,
      dispatcher,
    });
    const bytes = await readBody(body, ask.maxBytes ?? defaultMaxBytes);
    if (!bytes)
      return { kind: 'failure', failure: 'too-large', detail: 'the answer is too long', latencyMs: latencyMs() };
    const text = bytes.toString('utf8');
    return { kind: 'answer', status: statusCode, headers: flatHeaders(headers), text, latencyMs: latencyMs() };
  } catch (error) {
    ask.signal?.throwIfAborted();
    const failure = timeout.aborted ? 'timeout' : failureOf(error);
    return { kind: 'failure', failure, detail: detailOf(error), latencyMs: latencyMs() };
  } finally {
    void dispatcher.destroy().catch(() => undefined);
  }
}

const jsonType = { 'content-type': 'application/json' };

const failures: [RegExp, HttpFailure][] = [
  [/^ECONNREFUSED$/, 'refused'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'unknown-host'],
  [/^(EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL)$/, 'unreachable'],
  [/^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/, 'timeout'],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|^EPROTO$/, 'tls-plain-port'],
  // Node has no names for OpenSSL's errors about weak keys and signatures.
  [/CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|SELF_SIGNED|^UNSPECIFIED$/, 'tls-certificate'],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'not-http'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'reset'],
];

/** Returns why a request failed, by the code of what undici threw. */
export function failureOf(error: unknown): HttpFailure {
  if (error instanceof Error && error.name === 'HTTPParserError') return 'not-http';
  const code = codeOf(error);
  return failures.find(([pattern]) => pattern.test(code))?.[1] ?? 'failed';
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code, cause } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : codeOf(cause);
}

const plainPort = 'what answers on this port does not speak TLS';

/** Returns one redacted line about what undici threw. OpenSSL's words for an answer without TLS say nothing to people: they are replaced. */
export function detailOf(error: unknown): string {
  const code = codeOf(error);
  const message =
    failureOf(error) === 'tls-plain-port' ? plainPort : error instanceof Error ? error.message : String(error);
  return shownLine(`${message || 'no answer'}${code && !message.includes(code) ? ` (${code})` : ''}`);
}
