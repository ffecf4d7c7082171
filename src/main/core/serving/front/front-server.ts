import type { FastifyInstance, FastifyReply } from 'fastify';
import { apiErrorBody, tooBusy } from '../openai/api-error.ts';
import { answerUnlessGone, type KnownKeys, modelHttpServer } from '../openai/http-server.ts';
import type { Asking, ChatUpstream } from './chat-upstream.ts';
import { checkClient } from './client-list.ts';
import { type FrontModel, FrontModels } from './front-models.ts';
import {
  type FrontRequest,
  frontCompletion,
  frontEmbeddings,
  frontRequest,
  type ServedModel,
} from './front-request.ts';
import { Filled, silenceMs, valueIn } from './keep-alive.ts';
import { passedEvents } from './passed-events.ts';
import { RequestLog } from './request-log.ts';
import type { StableTag } from './stable-tag.ts';
import { asApiError } from './upstream.ts';

/** What the front serves, and to whom. */
export interface FrontOptions {
  models: readonly FrontModel[];
  keys: KnownKeys;
  /** The ranges whose addresses may ask (CIDR); empty for all. */
  clients: readonly string[];
  /** Gives requests one tag, if the site wants that. */
  tags?: StableTag;
  /** Receives one JSON line per request. */
  writeLog(line: string): void;
  onBug(error: Error): void;
}

/** A front before it listens. */
export interface FrontServer {
  app: FastifyInstance;
  measure(): Record<string, number>;
  /** Serves other models from the next request on, as `FrontModels.replace`. */
  replaceModels(models: readonly FrontModel[]): void;
}

/** The gateway's model server: checks the key, adapts requests for the real model server, and passes its answers on. */
export function frontServer(options: FrontOptions): FrontServer {
  const log: { requests?: RequestLog } = {};
  const app = modelHttpServer(options.keys, options.onBug, {
    beforeKeyCheck: (server) => {
      log.requests = new RequestLog(server, options.writeLog);
      server.addHook('onRequest', async ({ raw }) => checkClient(options.clients, raw.socket));
    },
    onOwner: (request, owner) => {
      requests.of(request).owner = owner;
    },
  });
  const requests = log.requests as RequestLog;
  const models = new FrontModels(options.models);
  app.get('/health', async (_request, reply) => {
    const ready = await models.ready();
    const isReady = Object.values(ready).every(Boolean);
    const each = Object.fromEntries(Object.entries(ready).map(([name, isUp]) => [name, isUp ? 'ready' : 'down']));
    return reply.code(isReady ? 200 : 503).send({
      status: isReady ? 'ok' : 'degraded',
      upstream: isReady ? 'ready' : 'down',
      ...(models.areSeveral && { models: each }),
    });
  });
  app.get('/metrics', async (_request, reply) => {
    const { type, text } = await requests.metrics.scraped();
    return reply.type(type).send(text);
  });
  addModels(app, models, requests);
  const adaptations = {
    '/v1/chat/completions': frontRequest,
    '/v1/completions': frontCompletion,
    '/v1/embeddings': frontEmbeddings,
  };
  for (const [path, adapted] of Object.entries(adaptations))
    addAnswers(app, path, (body, model) => withStableTag(adapted(body, model), options.tags), { models, requests });
  return { app, measure: () => requests.measure(), replaceModels: (next) => models.replace(next) };
}

function addModels(app: FastifyInstance, models: FrontModels, requests: RequestLog): void {
  app.get('/v1/models', async (request, reply) => {
    const { requestId } = requests.of(request);
    return answerUnlessGone(reply, async (signal) => {
      return { object: 'list', data: await models.listed(requestId, signal) };
    });
  });
}

/** More would wait behind these for longer than any client does. */
const maxOpen = 128;

/** Answers a path of OpenAI's whose requests `adapted` makes fit for the model server. */
function addAnswers(
  app: FastifyInstance,
  path: string,
  adapted: (body: unknown, model: ServedModel) => FrontRequest,
  { models, requests }: { models: FrontModels; requests: RequestLog },
): void {
  app.post(path, async (request, reply) => {
    const record = requests.of(request);
    const route = models.of(request.body);
    if (models.areSeveral) record.model = route.served.servedName;
    const asked = adapted(request.body, route.served);
    record.isStream = asked.isStream;
    if (route.open >= maxOpen) throw tooBusy(`The model is busy: ${maxOpen} requests are already open.`);
    // Whoever left before this point is never heard to leave.
    if (!reply.raw.closed) {
      route.open += 1;
      reply.raw.once('close', () => {
        route.open -= 1;
      });
    }
    const silentMs = silenceMs(request.headers['x-stainless-read-timeout']);
    return answerUnlessGone(reply, async (gone) => {
      const asking = { model: route.chat, asked, record, silentMs, gone };
      return asked.isStream ? streamed(reply, asking) : whole(reply, asking);
    });
  });
}

function withStableTag(asked: FrontRequest, tags: StableTag | undefined): FrontRequest {
  if (asked.body.messages === undefined) return asked;
  const mapped = tags?.map(asked.body.messages);
  return mapped ? { ...asked, body: { ...asked.body, messages: mapped.messages }, tag: mapped.tag } : asked;
}

/** A request to be answered. An answer that fails while the client is kept waiting can no longer have a status of its own. */
interface Answering extends Asking {
  model: ChatUpstream;
  /** As `silenceMs`. */
  silentMs: number | undefined;
}

async function whole(reply: FastifyReply, { model, silentMs, ...asking }: Answering): Promise<FastifyReply> {
  const answer = model.whole(asking);
  const soon = await valueIn(answer, silentMs);
  return reply
    .type('application/json')
    .send(soon?.value ?? new Filled(late(answer, asking), { text: ' ', silentMs, isLate: true }));
}

/** The answer or, since the status is sent, its error in the answer's place. */
async function* late(answer: Promise<string>, { record, gone }: Asking): AsyncGenerator<string> {
  try {
    yield await answer;
  } catch (error) {
    if (gone.aborted) return;
    record.hasFailed = true;
    yield JSON.stringify(apiErrorBody(asApiError(error)));
  }
}

async function streamed(reply: FastifyReply, { model, silentMs, ...asking }: Answering): Promise<FastifyReply> {
  const answer = model.stream(asking);
  const isLate = (await valueIn(answer, silentMs)) === undefined;
  const events = new Filled(passedEvents(answer, asking), { text: comment, silentMs, isLate });
  return reply.type('text/event-stream').header('cache-control', 'no-cache').send(events);
}

const comment = ': the model is at work\n\n';
