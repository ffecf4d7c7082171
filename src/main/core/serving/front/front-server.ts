import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Dispatcher } from 'undici';
import { sseEvent } from '../llamacpp/chat-answer.ts';
import { ApiError, apiErrorBody } from '../openai/api-error.ts';
import { answerUnlessGone, modelHttpServer } from '../openai/http-server.ts';
import { ChatUpstream } from './chat-upstream.ts';
import { type FrontRequest, frontRequest } from './front-request.ts';
import { refuseCutPrompt } from './prompt-check.ts';
import { RequestLog, type RequestRecord } from './request-log.ts';
import { sseEvents } from './sse-events.ts';
import { type Upstream, upstreamError } from './upstream.ts';
import { brokenAnswer, readError, readEvent, readWhole } from './upstream-answer.ts';

/** What the front serves, and to whom. */
export interface FrontOptions {
  apiKey: string;
  servedName: string;
  contextTokens: number;
  /** The upstream cuts a prompt beyond its context instead of refusing it. */
  cutsPrompts: boolean;
  upstream: Upstream;
  /** Receives one JSON line per request. */
  writeLog(line: string): void;
  onBug(error: Error): void;
}

/** The gateway's model server: checks the key, adapts requests for the real model server, and passes its answers on. */
export function frontServer(options: FrontOptions): { app: FastifyInstance; measure(): Record<string, number> } {
  const log: { requests?: RequestLog } = {};
  const app = modelHttpServer(options.apiKey, options.onBug, (server) => {
    log.requests = new RequestLog(server, options.writeLog);
  });
  const requests = log.requests as RequestLog;
  app.get('/health', async (_request, reply) => {
    const isReady = await options.upstream.isReady();
    return reply
      .code(isReady ? 200 : 503)
      .send({ status: isReady ? 'ok' : 'degraded', upstream: isReady ? 'ready' : 'down' });
  });
  addModels(app, options, requests);
  addChat(app, options, requests);
  return { app, measure: () => requests.measure() };
}

function addModels(app: FastifyInstance, options: FrontOptions, requests: RequestLog): void {
  const { upstream, servedName, contextTokens } = options;
  app.get('/v1/models', async (request, reply) => {
    const { requestId } = requests.of(request);
    return answerUnlessGone(reply, async (signal) => {
      const answer = await upstream.call({ method: 'GET', path: '/models', requestId, signal });
      if (answer.statusCode !== 200) throw await readError(answer);
      await answer.body.dump();
      const model = { id: servedName, object: 'model', created: 0, owned_by: 'sealift', max_model_len: contextTokens };
      return { object: 'list', data: [model] };
    });
  });
}

function addChat(
  app: FastifyInstance,
  { upstream, servedName, contextTokens, cutsPrompts }: FrontOptions,
  requests: RequestLog,
): void {
  const model = new ChatUpstream(upstream, contextTokens);
  app.post('/v1/chat/completions', async (request, reply) => {
    const record = requests.of(request);
    const fit = frontRequest(request.body, servedName, contextTokens);
    record.isStream = fit.isStream;
    return answerUnlessGone(reply, async (gone) => {
      const { requestId } = record;
      if (cutsPrompts) await refuseCutPrompt(fit.body, { upstream, contextTokens, requestId, signal: gone });
      const answer = await model.ask(fit.body, requestId, gone);
      return fit.isStream ? streamed(reply, answer, record, fit, gone) : whole(reply, answer, record);
    });
  });
}

async function whole(
  reply: FastifyReply,
  answer: Dispatcher.ResponseData,
  record: RequestRecord,
): Promise<FastifyReply> {
  const { text, usage } = await readWhole(answer);
  record.usage = usage;
  return reply.type('application/json').send(text);
}

async function streamed(
  reply: FastifyReply,
  answer: Dispatcher.ResponseData,
  record: RequestRecord,
  asked: FrontRequest,
  gone: AbortSignal,
): Promise<FastifyReply> {
  if (!String(answer.headers['content-type']).startsWith('text/event-stream')) {
    await answer.body.dump().catch(() => undefined);
    throw brokenAnswer('The model server did not stream as requested.');
  }
  const events = passedEvents(answer, record, asked, gone);
  return reply.type('text/event-stream').header('cache-control', 'no-cache').send(Readable.from(events));
}

/**
 * Yields the events of the answer as they arrive. An answer that breaks off ends with an error event, which clients treat as a
 * failure.
 */
async function* passedEvents(
  answer: Dispatcher.ResponseData,
  record: RequestRecord,
  asked: FrontRequest,
  gone: AbortSignal,
): AsyncGenerator<string> {
  const finished = new Set<number>();
  let hasEnd = false;
  try {
    for await (const event of sseEvents(answer.body)) {
      const seen = readEvent(event);
      record.usage = { ...record.usage, ...seen.usage };
      record.hasFailed ||= seen.isError;
      for (const index of seen.finished) finished.add(index);
      hasEnd ||= seen.isEnd || finished.size >= asked.choices;
      if (!seen.isUsageOnly || asked.wantsUsage) yield event;
    }
    if (hasEnd) return;
    throw upstreamError(new Error('the stream ended without a finish reason'));
  } catch (error) {
    if (gone.aborted || hasEnd) return;
    record.hasFailed = true;
    yield sseEvent(apiErrorBody(error instanceof ApiError ? error : upstreamError(error)));
  }
}
