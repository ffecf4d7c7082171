import { createHash, timingSafeEqual } from 'node:crypto';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { ApiError, apiErrorBody, badRequest } from './api-error.ts';

const maxBodyBytes = 2 * 2 ** 20;
const requestTimeoutMs = 120_000;

/**
 * An HTTP server whose errors are OpenAI's: every path but `/health` needs `Authorization: Bearer <key>`, bodies are JSON of at
 * most 2 MiB, thrown ApiErrors become their answer and anything else a bare 500 that `onBug` is told of.
 * Hooks added by `beforeKeyCheck` see refused requests too.
 */
export function modelHttpServer(
  key: string,
  onBug: (error: Error) => void,
  beforeKeyCheck: (app: FastifyInstance) => void = () => undefined,
): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    forceCloseConnections: true,
    // For the request alone; an answer may take as long as the model needs.
    requestTimeout: requestTimeoutMs,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, _request, reply) => void sendApiError(reply as FastifyReply, asApiError(error, onBug)),
  });
  app.removeContentTypeParser('text/plain');
  beforeKeyCheck(app);
  app.addHook('onRequest', async (request) => {
    if (request.url.split('?', 1)[0] !== '/health') checkKey(request.headers.authorization, key);
  });
  app.setNotFoundHandler((request, reply) =>
    sendApiError(
      reply,
      badRequest(`Unknown path: ${request.method} ${request.url.slice(0, 100)}`, 'unknown_url', undefined, 404),
    ),
  );
  app.setErrorHandler((error: FastifyError, _request, reply) => sendApiError(reply, asApiError(error, onBug)));
  return app;
}

/** Answers with an OpenAI error body; `x-should-retry` tells OpenAI clients whether another try can help. */
function sendApiError(reply: FastifyReply, error: ApiError): FastifyReply {
  if (!error.facts.mayRetry) reply.header('x-should-retry', 'false');
  return reply.code(error.facts.status).type('application/json').send(apiErrorBody(error));
}

/** Aborts when the client goes away before it has the whole answer. */
function clientGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const closed = () => {
    if (!reply.raw.writableFinished) gone.abort();
  };
  if (reply.raw.closed) closed();
  else reply.raw.once('close', closed);
  return gone.signal;
}

/** Answers a request with a signal that aborts when the client goes away; what fails then is of no interest to anybody. */
export async function answerUnlessGone(
  reply: FastifyReply,
  answer: (gone: AbortSignal) => Promise<unknown>,
): Promise<unknown> {
  const gone = clientGone(reply);
  try {
    return await answer(gone);
  } catch (error) {
    if (!gone.aborted) throw error;
    return reply.hijack();
  }
}

function checkKey(header: string | undefined, key: string): void {
  const given = /^Bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1];
  if (given !== undefined && timingSafeEqual(digest(given), digest(key))) return;
  const message =
    given === undefined
      ? 'No API key was given: send it as "Authorization: Bearer KEY".'
      : 'Incorrect API key provided.';
  throw new ApiError(message, { status: 401, type: 'authentication_error', code: 'invalid_api_key', mayRetry: false });
}

// Digests have one length, as timingSafeEqual needs, and give the key's length away to nobody.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function asApiError(error: FastifyError, onBug: (error: Error) => void): ApiError {
  if (error instanceof ApiError) return error;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return badRequest(`The request body is larger than ${maxBodyBytes} bytes.`, 'request_too_large', undefined, 413);
  const status = error.statusCode ?? 500;
  if (status === 415)
    return badRequest('The request body must be JSON (Content-Type: application/json).', null, undefined, 415);
  if (error.code === 'FST_ERR_BAD_URL') return badRequest('The path is not a valid URL path.', 'unknown_url');
  if (status >= 400 && status < 500) return badRequest('The request body is not valid JSON.', null, undefined, status);
  onBug(error);
  return new ApiError('The model server failed inside.', {
    status: 500,
    type: 'server_error',
    code: null,
    mayRetry: false,
  });
}
