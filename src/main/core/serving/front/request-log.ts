import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { FrontMetrics } from './front-metrics.ts';
import type { SeenUsage } from './upstream-answer.ts';

/** Facts about one request besides its status. */
export interface RequestRecord {
  requestId: string;
  /** When it arrived, by the clock of `performance`. */
  started: number;
  /** When the first piece of its answer was passed on in a stream, by the same clock. */
  firstToken?: number;
  /** Whose key it carries, by name; absent until the key was accepted. */
  owner?: string;
  /** Which of several models it was for, by served name. */
  model?: string;
  usage: SeenUsage;
  isStream: boolean;
  /** A stream that failed after its status was sent. */
  hasFailed: boolean;
}

const clientClosed = 499;
const idShape = /^[\w.:-]{1,128}$/;

/**
 * Counts the requests of a server and writes one JSON line for each but `/health`, never prompts or keys. Every answer carries
 * `x-request-id`: the caller's if it sent a plain one, else one of ours. A client that disconnects early is logged as status 499.
 */
export class RequestLog {
  readonly #records = new WeakMap<FastifyRequest, RequestRecord>();
  readonly #write: (line: string) => void;
  /** The same requests for Prometheus. */
  readonly metrics = new FrontMetrics(() => this.#counts.inFlight);
  readonly #counts = { requests: 0, errors: 0, cancelled: 0, inFlight: 0, promptTokens: 0, completionTokens: 0 };

  constructor(app: FastifyInstance, write: (line: string) => void) {
    this.#write = write;
    app.addHook('onRequest', async (request, reply) => {
      const given = request.headers['x-request-id'];
      const requestId = typeof given === 'string' && idShape.test(given) ? given : randomUUID();
      reply.header('x-request-id', requestId);
      const record: RequestRecord = {
        requestId,
        started: performance.now(),
        usage: {},
        isStream: false,
        hasFailed: false,
      };
      this.#records.set(request, record);
      const startedAt = new Date();
      this.#counts.inFlight += 1;
      reply.raw.once('close', () => {
        const status = reply.raw.writableFinished ? reply.raw.statusCode : clientClosed;
        this.#ended(request, record, status, startedAt);
      });
    });
  }

  /** Returns the record of a request, to be filled while it is answered. */
  of(request: FastifyRequest): RequestRecord {
    const record = this.#records.get(request);
    if (!record) throw new Error('a request without a record');
    return record;
  }

  measure(): Record<string, number> {
    return { ...this.#counts };
  }

  #ended(request: FastifyRequest, record: RequestRecord, status: number, startedAt: Date): void {
    this.#counts.inFlight -= 1;
    const path = request.url.split('?', 1)[0]?.slice(0, 100) ?? '';
    if (path === '/health') return;
    const { requestId, owner, model, usage, isStream, hasFailed } = record;
    const latencyMs = Math.round(performance.now() - record.started);
    this.#counts.requests += 1;
    if (status === clientClosed) this.#counts.cancelled += 1;
    else if (status >= 400 || hasFailed) this.#counts.errors += 1;
    const { promptTokens = 0, completionTokens = 0 } = usage;
    this.#counts.promptTokens += promptTokens;
    this.#counts.completionTokens += completionTokens;
    const firstTokenMs = record.firstToken === undefined ? undefined : Math.round(record.firstToken - record.started);
    this.metrics.ended({
      path,
      status,
      seconds: latencyMs / 1000,
      ...(firstTokenMs !== undefined && { firstTokenSeconds: firstTokenMs / 1000 }),
      promptTokens,
      completionTokens,
    });
    const line = {
      time: startedAt.toISOString(),
      requestId,
      key: owner,
      model,
      method: request.method,
      path,
      status,
      latencyMs,
    };
    const more = { firstTokenMs, ...(isStream && { stream: true }), ...(hasFailed && { failed: true }), ...usage };
    this.#write(`${JSON.stringify({ ...line, ...more })}\n`);
  }
}
