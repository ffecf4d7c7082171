import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { shownLine } from '../processes/shown-line.ts';
import { type HttpFailure, failureOf as httpFailureOf } from './bounded-request.ts';
import { urlHost } from './network-host.ts';
import { pythonTls } from './python-tls.ts';

/** The gRPC service whose health is checked. */
export interface GrpcAsk {
  host: string;
  port: number;
  /** Set for a service that uses TLS; `ca`: the trusted authorities, as PEM. Default: the public ones. */
  tls?: { ca?: string | undefined } | undefined;
  /** Limit for the whole exchange. */
  timeoutMs: number;
  /** Sent along as `x-request-id`. */
  requestId?: string;
  signal?: AbortSignal;
}

/** The result: the health status by its protocol name, another gRPC status, or the reason why no complete answer arrived. */
export type GrpcAnswer = { latencyMs: number; httpStatus: number | null; headers: Record<string, string> } & (
  | { kind: 'health'; status: 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN' }
  | { kind: 'refused'; grpcStatus: number; detail: string }
  | { kind: 'failure'; failure: HttpFailure; detail: string }
);

const healthNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
const maxBytes = 64 * 1024;
/** An uncompressed frame with the empty message, which asks about the server as a whole. */
const emptyMessage = Buffer.alloc(5);

/**
 * Calls `grpc.health.v1.Health/Check` in plain text or over TLS (https://github.com/grpc/grpc/blob/master/doc/health-checking.md; frames as in
 * doc/PROTOCOL-HTTP2.md). Throws only the signal's reason.
 */
export async function grpcHealth(ask: GrpcAsk): Promise<GrpcAnswer> {
  ask.signal?.throwIfAborted();
  const began = performance.now();
  const timeout = AbortSignal.timeout(ask.timeoutMs);
  const signal = ask.signal ? AbortSignal.any([ask.signal, timeout]) : timeout;
  const session = open(ask);
  const took = () => Math.round(performance.now() - began);
  try {
    const { headers, body } = await exchange(session, ask.requestId, signal);
    const httpStatus = Number(headers[constants.HTTP2_HEADER_STATUS]);
    return { latencyMs: took(), httpStatus, headers: plain(headers), ...read(headers, body) };
  } catch (error) {
    ask.signal?.throwIfAborted();
    const failure = timeout.aborted ? 'timeout' : failureOf(error);
    return {
      latencyMs: took(),
      httpStatus: null,
      headers: {},
      kind: 'failure',
      failure,
      detail: detailOf(error, timeout.aborted),
    };
  } finally {
    session.destroy();
  }
}

function open({ host, port, tls }: GrpcAsk): ClientHttp2Session {
  const address = `${urlHost(host)}:${port}`;
  if (!tls) return connect(`http://${address}`);
  return connect(`https://${address}`, { ...pythonTls, ...(tls.ca !== undefined && { ca: tls.ca }) });
}

interface Exchange {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function exchange(session: ClientHttp2Session, requestId: string | undefined, signal: AbortSignal): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    // If the session failed, its error says more than the stream's.
    const failed: { session?: Error; stream?: Error } = {};
    session.on('error', (error) => {
      failed.session = error;
    });
    signal.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true });
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(requestId && { 'x-request-id': requestId }),
    });
    let headers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const add = (more: IncomingHttpHeaders) => {
      headers = { ...headers, ...more };
    };
    stream.on('response', add);
    stream.on('trailers', add);
    stream.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) reject(Object.assign(new Error('the answer is too long'), { code: 'TOO_LARGE' }));
      else chunks.push(chunk);
    });
    stream.on('error', (error) => {
      failed.stream = error;
    });
    stream.on('close', () =>
      setImmediate(() => {
        if (':status' in headers && stream.readableEnded && !failed.stream)
          resolve({ headers, body: Buffer.concat(chunks) });
        else reject(failed.session ?? failed.stream ?? Object.assign(new Error('broken off'), { code: 'ECONNRESET' }));
      }),
    );
    stream.end(emptyMessage);
  });
}

type Read =
  | { kind: 'health'; status: (typeof healthNames)[number] }
  | { kind: 'refused'; grpcStatus: number; detail: string }
  | { kind: 'failure'; failure: HttpFailure; detail: string };

function read(headers: IncomingHttpHeaders, body: Buffer): Read {
  const notGrpc = (detail: string): Read => ({ kind: 'failure', failure: 'not-http', detail });
  if (!String(headers['content-type'] ?? '').startsWith('application/grpc'))
    return notGrpc(`status ${headers[':status']}, and the answer is not gRPC`);
  const grpcStatus = Number(headers['grpc-status'] ?? Number.NaN);
  if (!Number.isInteger(grpcStatus)) return notGrpc('the answer has no gRPC status');
  if (grpcStatus !== 0)
    return { kind: 'refused', grpcStatus, detail: shownLine(String(headers['grpc-message'] ?? '')) };
  const status = healthNames[statusOf(body) ?? -1];
  return status ? { kind: 'health', status } : notGrpc('the answer is no health message');
}

/** Returns the enum in field 1, the only field of the message. An empty message means its default, 0. */
function statusOf(body: Buffer): number | undefined {
  if (body.length < emptyMessage.length || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5) return undefined;
  if (body.length === 5) return 0;
  return body.length === 7 && body[5] === 0x08 ? body[6] : undefined;
}

const failures: Record<string, HttpFailure> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ERR_HTTP2_STREAM_CANCEL: 'reset',
  ERR_HTTP2_STREAM_ERROR: 'reset',
  ERR_HTTP2_SESSION_ERROR: 'reset',
  ERR_HTTP2_ERROR: 'not-http',
  TOO_LARGE: 'too-large',
};

function failureOf(error: unknown): HttpFailure {
  return failures[String((error as NodeJS.ErrnoException)?.code)] ?? httpFailureOf(error);
}

function detailOf(error: unknown, isLate: boolean): string {
  if (isLate) return 'no answer in time';
  const { code, message } = error as NodeJS.ErrnoException;
  return shownLine(`${message}${code && !message.includes(code) ? ` (${code})` : ''}`);
}

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  const names = Object.keys(headers).filter((name) => !name.startsWith(':'));
  return Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '').slice(0, 1000)]));
}
