import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { checkJsonShape } from '../../files/parse-json.ts';
import { keepRoom } from '../../http/keep-room.ts';
import { refuseClient, refuseExpectations } from '../../http/refuse-client.ts';
import { withoutSchemas } from '../../http/without-schemas.ts';
import { ApiError, apiErrorBody, badRequest } from './api-error.ts';

const maxBodyBytes = 2 * 2 ** 20;
/** Deeper than any schema of a tool; what is deeper would overflow the stack of whoever writes it again. */
const bodyShape = { depth: 100, values: 1_100_000 };

/** How long a client may take to send a request. An answer may take as long as the model needs. */
export interface RequestLimits {
  headersMs: number;
  wholeMs: number;
  /** How often slow clients are looked for. */
  checkEveryMs: number;
}

/** A model server that is restarted needs about this long; a full queue moves sooner. */
const usualRetryAfterSeconds = 5;

/** What a server adds to the check of keys. */
export interface ServerHooks {
  /** Adds hooks that see refused requests too. */
  beforeKeyCheck?(app: FastifyInstance): void;
  /** Told whose key a request carries. */
  onOwner?(request: FastifyRequest, owner: string): void;
}

/** Whose keys a server accepts. */
export interface KnownKeys {
  /** Returns the name of a key's owner, or undefined for an unknown key. */
  ownerOf(key: string): Promise<string | undefined>;
}

const usualLimits: RequestLimits = { headersMs: 10_000, wholeMs: 30_000, checkEveryMs: 2000 };

/**
 * An HTTP server whose errors are OpenAI's: every path but `/health` needs `Authorization: Bearer <key>`, bodies are JSON of at
 * most 2 MiB, thrown ApiErrors become their answer, and anything else a bare 500 that is reported to `onBug`. Clients that send
 * nothing, or send slowly, are cut off.
 */
export function modelHttpServer(
  keys: KnownKeys,
  onBug: (error: Error) => void,
  hooks: ServerHooks = {},
  limits: RequestLimits = usualLimits,
): FastifyInstance {
  const app = fastify({
    ...withoutSchemas,
    logger: false,
    bodyLimit: maxBodyBytes,
    forceCloseConnections: true,
    requestTimeout: limits.wholeMs,
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: limits.checkEveryMs },
    clientErrorHandler: refuseClient(notHttpBody),
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, _request, reply) => void sendApiError(reply as FastifyReply, asApiError(error, onBug)),
  });
  app.removeContentTypeParser('text/plain');
  parseBounded(app);
  refuseExpectations(app.server, notHttpBody);
  const welcome = keepRoom(app.server);
  hooks.beforeKeyCheck?.(app);
  app.addHook('onRequest', async (request) => {
    if (request.url.split('?', 1)[0] === '/health') return;
    // Before the optional call: without a listener its arguments would not be evaluated, and no key would be checked.
    const owner = await ownerOf(request.headers.authorization, keys);
    hooks.onOwner?.(request, owner);
    welcome(request.raw.socket);
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

/** Checks the shape of a body before anything is built from it. */
function parseBounded(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      checkJsonShape(body, bodyShape);
    } catch (error) {
      return done(badRequest(`The request body is refused: ${(error as Error).message}.`));
    }
    void parse(request, body.toString(), done);
  });
}

function notHttpBody(status: 400 | 408 | 417): string {
  const message = status === 408 ? 'The request was not sent in time.' : 'The server does not understand this request.';
  return JSON.stringify(apiErrorBody(badRequest(message, null, undefined, status)));
}

/** Answers with an OpenAI error body; `x-should-retry` tells OpenAI clients whether a retry can help. */
function sendApiError(reply: FastifyReply, error: ApiError): FastifyReply {
  const { mayRetry, status, retryAfterSeconds } = error.facts;
  const wait =
    retryAfterSeconds ?? (mayRetry && (status === 429 || status === 503) ? usualRetryAfterSeconds : undefined);
  if (!mayRetry) reply.header('x-should-retry', 'false');
  if (wait !== undefined) reply.header('retry-after', String(wait));
  return reply.code(error.facts.status).type('application/json').send(apiErrorBody(error));
}

/** Aborts when the client disconnects before it has the whole answer. */
function clientGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const closed = () => {
    if (!reply.raw.writableFinished) gone.abort();
  };
  if (reply.raw.closed) closed();
  else reply.raw.once('close', closed);
  return gone.signal;
}

/** Answers a request with a signal that aborts when the client disconnects; errors after that are ignored. */
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

async function ownerOf(header: string | undefined, keys: KnownKeys): Promise<string> {
  const given = /^Bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1];
  const owner = given === undefined ? undefined : await keys.ownerOf(given);
  if (owner !== undefined) return owner;
  const message =
    given === undefined
      ? 'No API key was given: send it as "Authorization: Bearer KEY".'
      : 'Incorrect API key provided.';
  throw new ApiError(message, { status: 401, type: 'authentication_error', code: 'invalid_api_key', mayRetry: false });
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
