import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, apiErrorBody } from '../openai/api-error.ts';
import { type ChatRequest, chatRequest } from '../openai/chat-request.ts';
import { type CompletionRequest, completionRequest } from '../openai/completion-request.ts';
import { embeddingRequest } from '../openai/embedding-request.ts';
import { answerUnlessGone, modelHttpServer } from '../openai/http-server.ts';
import { keyRing } from '../openai/key-ring.ts';
import { ownerHeader } from '../parts/parts.ts';
import { type AnswerForm, chatForm, sseEvent, textForm, usageOf, type WholeChoice } from './answer-form.ts';
import type { AdmittedRequest, LlamaEngine } from './llama-engine.ts';

/**
 * Serves the embedded engine over HTTP, for the front only, which alone has the token and says whose a request is (`ownerHeader`):
 * `/health`, `/v1/models`, `/v1/chat/completions`, `/v1/completions`, `/v1/embeddings`.
 */
export function engineServer(engine: LlamaEngine, servedName: string, token: string): FastifyInstance {
  const app = modelHttpServer(keyRing(token), logBug);
  const created = Math.floor(Date.now() / 1000);
  app.get('/health', async () => ({ status: 'ok' }));
  app.get('/v1/models', async () => ({
    object: 'list',
    data: [{ id: servedName, object: 'model', created, owned_by: 'sealift', max_model_len: engine.contextTokens }],
  }));
  const answers = (path: string, read: (body: unknown) => ChatRequest | CompletionRequest, form: FormOf) =>
    app.post(path, async (http, reply) => {
      const request = read(http.body);
      return answerUnlessGone(reply, async (gone) => {
        const admitted = await engine.admit(request, ownerOf(http), gone);
        const answering = { admitted, request, form: form(servedName), gone };
        return request.stream ? streamed(reply, answering) : whole(answering);
      });
    });
  answers('/v1/chat/completions', chatRequest, chatForm);
  answers('/v1/completions', completionRequest, textForm);
  app.post('/v1/embeddings', async (http, reply) => {
    const request = embeddingRequest(http.body);
    return answerUnlessGone(reply, async (gone) => {
      const { vectors, tokens } = await engine.embed(request, ownerOf(http), gone);
      const data = vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: request.isBase64 ? base64(vector) : vector,
      }));
      return { object: 'list', data, model: servedName, usage: { prompt_tokens: tokens, total_tokens: tokens } };
    });
  });
  return app;
}

type FormOf = (model: string) => AnswerForm;

/** A request that is being answered, and in which form. */
interface Answering {
  admitted: AdmittedRequest;
  request: ChatRequest | CompletionRequest;
  form: AnswerForm;
  gone: AbortSignal;
}

function ownerOf(request: FastifyRequest): string {
  return String(request.headers[ownerHeader] ?? '');
}

/** As OpenAI writes vectors in base64: little-endian floats of 32 bits. */
function base64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}

async function whole({ admitted, request, form }: Answering): Promise<object> {
  const end = { finishReason: 'stop' as const, completionTokens: 0, toolCalls: [] };
  const choices = Array.from({ length: request.choices }, (): WholeChoice => ({ text: '', odds: [], end }));
  for await (const { choice, step } of admitted.run()) {
    const open = choices[choice] as WholeChoice;
    if ('end' in step) open.end = step.end;
    else {
      open.text += step.text;
      open.odds.push(...step.odds);
    }
  }
  const completionTokens = choices.reduce((sum, one) => sum + one.end.completionTokens, 0);
  return form.whole(choices, usageOf(admitted.promptTokens, completionTokens));
}

function streamed(reply: FastifyReply, answering: Answering): FastifyReply {
  const events = Readable.from(sseEvents(answering));
  reply.raw.once('close', () => {
    // A stream that was never read has not started its run and would keep its slot.
    if (!reply.raw.writableFinished) answering.admitted.giveUp();
  });
  return reply.type('text/event-stream').header('cache-control', 'no-cache').send(events);
}

async function* sseEvents(answering: Answering): AsyncGenerator<string> {
  try {
    for await (const chunk of chunks(answering)) yield sseEvent(chunk);
    yield sseEvent('[DONE]');
  } catch (error) {
    if (answering.gone.aborted) return;
    logBug(error as Error);
    yield sseEvent(apiErrorBody(new ApiError('The model failed in the middle of its answer.', failed)));
  } finally {
    answering.admitted.giveUp();
  }
}

async function* chunks({ admitted, request, form }: Answering): AsyncGenerator<object> {
  let completionTokens = 0;
  // Clients see their request accepted before the prompt is evaluated.
  for (let choice = 0; choice < request.choices; choice += 1) {
    const opening = form.opening(choice);
    if (opening) yield opening;
  }
  for await (const { choice, step } of admitted.run()) {
    if (!('end' in step)) {
      yield form.piece(choice, step.text, step.odds);
      continue;
    }
    for (const [index, call] of step.end.toolCalls.entries()) yield form.call(choice, call, index);
    yield form.closing(choice, step.end.finishReason);
    completionTokens += step.end.completionTokens;
  }
  if (request.includeUsage) yield form.usage(usageOf(admitted.promptTokens, completionTokens));
}

const failed = { status: 500, type: 'server_error', code: null, mayRetry: true } as const;

function logBug(error: Error): void {
  process.stderr.write(`${error.stack ?? error.message}\n`);
}
