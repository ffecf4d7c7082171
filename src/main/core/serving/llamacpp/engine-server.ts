import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ApiError, apiErrorBody } from '../openai/api-error.ts';
import { type ChatRequest, chatRequest } from '../openai/chat-request.ts';
import { answerUnlessGone, modelHttpServer } from '../openai/http-server.ts';
import { keyRing } from '../openai/key-ring.ts';
import { ownerHeader } from '../parts/parts.ts';
import { ChatAnswer, sseEvent, usageOf } from './chat-answer.ts';
import type { AdmittedChat, LlamaEngine } from './llama-engine.ts';

/**
 * Serves the embedded engine over HTTP, for the front only, which alone has the token and says whose a request is (`ownerHeader`):
 * `/health`, `/v1/models`, `/v1/chat/completions`.
 */
export function engineServer(engine: LlamaEngine, servedName: string, token: string): FastifyInstance {
  const app = modelHttpServer(keyRing(token), logBug);
  const created = Math.floor(Date.now() / 1000);
  app.get('/health', async () => ({ status: 'ok' }));
  app.get('/v1/models', async () => ({
    object: 'list',
    data: [{ id: servedName, object: 'model', created, owned_by: 'sealift', max_model_len: engine.contextTokens }],
  }));
  app.post('/v1/chat/completions', async (http, reply) => {
    const request = chatRequest(http.body);
    return answerUnlessGone(reply, async (gone) => {
      const chat = await engine.admit(request, String(http.headers[ownerHeader] ?? ''), gone);
      const answer = new ChatAnswer(servedName);
      return request.stream ? streamed(reply, chat, request, answer, gone) : whole(chat, answer);
    });
  });
  return app;
}

async function whole(chat: AdmittedChat, answer: ChatAnswer): Promise<object> {
  const run = chat.run();
  let text = '';
  for (;;) {
    const step = await run.next();
    if (step.done) {
      return answer.whole(text, step.value, usageOf(chat.promptTokens, step.value.completionTokens));
    }
    text += step.value;
  }
}

function streamed(
  reply: FastifyReply,
  chat: AdmittedChat,
  request: ChatRequest,
  answer: ChatAnswer,
  gone: AbortSignal,
): FastifyReply {
  const events = Readable.from(sseEvents(chat, request, answer, gone));
  reply.raw.once('close', () => {
    // A stream that was never read has not started its run and would keep its slot.
    if (!reply.raw.writableFinished) chat.giveUp();
  });
  return reply.type('text/event-stream').header('cache-control', 'no-cache').send(events);
}

async function* sseEvents(
  chat: AdmittedChat,
  request: ChatRequest,
  answer: ChatAnswer,
  gone: AbortSignal,
): AsyncGenerator<string> {
  const run = chat.run();
  try {
    yield sseEvent(answer.opening());
    for (;;) {
      const step = await run.next();
      if (!step.done) {
        yield sseEvent(answer.piece(step.value));
        continue;
      }
      for (const [index, call] of step.value.toolCalls.entries()) yield sseEvent(answer.call(call, index));
      yield sseEvent(answer.closing(step.value.finishReason));
      if (request.includeUsage) yield sseEvent(answer.usage(usageOf(chat.promptTokens, step.value.completionTokens)));
      yield sseEvent('[DONE]');
      return;
    }
  } catch (error) {
    if (gone.aborted) return;
    logBug(error as Error);
    yield sseEvent(apiErrorBody(new ApiError('The model failed in the middle of its answer.', failed)));
  } finally {
    await run.return({ finishReason: 'stop', completionTokens: 0, toolCalls: [] });
    chat.giveUp();
  }
}

const failed = { status: 500, type: 'server_error', code: null, mayRetry: true } as const;

function logBug(error: Error): void {
  process.stderr.write(`${error.stack ?? error.message}\n`);
}
