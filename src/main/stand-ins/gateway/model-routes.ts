import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { askModel, type ChatMessage, type ModelAnswer } from './ask-model.ts';
import type { TokenCheck } from './check-token.ts';
import { flatFamilies, type ModelMetadata, modelMetadata, modelTarget } from './model-target.ts';
import {
  completionMessages,
  componentRequest,
  flatRequest,
  generationMessages,
  helloMessages,
  promptRequest,
} from './requests.ts';

/** What the routes that use the model need from their server. */
export interface GatewayRoutes {
  log(line: string): void;
  onModelRequest(): void;
  tokenOf(request: FastifyRequest): (TokenCheck & { ok: true }) | undefined;
}

/** Adds the connection check, completion and generation. */
export function addModelRoutes(app: FastifyInstance, routes: GatewayRoutes): void {
  app.post('/v1/prompts/*', async (request, reply) => checkPrompt(request, reply, routes));
  app.post('/v2/code/completions', async (request, reply) => completeFlat(request, reply, routes));
  app.post('/v4/code/suggestions', async (request, reply) => suggest(request, reply, routes));
}

async function checkPrompt(request: FastifyRequest, reply: FastifyReply, routes: GatewayRoutes) {
  const prompt = (request.params as { '*': string })['*'];
  if (prompt !== 'model_configuration/check') return reply.code(404).send({ detail: `Prompt '${prompt}' not found` });
  if (!mayDo(request, 'complete_code', routes)) return forbidden(reply, 'model configuration check');
  const body = promptRequest.extend({ model_metadata: z.unknown() }).safeParse(request.body);
  if (!body.success) return invalid(reply);
  const metadata = modelMetadata.safeParse(body.data.model_metadata);
  // The real gateway ignores invalid metadata and falls back to a cloud model, for which it has no credentials.
  if (!metadata.success)
    return reply
      .code(500)
      .send({ detail: 'SIMULATED: model_metadata was not accepted; Vertex credentials are missing' });
  const answer = await ask(metadata.data, helloMessages, 16, request, routes);
  return answer.ok
    ? reply.type('application/json').send(JSON.stringify(answer.text))
    : reply.code(421).send({ detail: answer.fault });
}

async function completeFlat(request: FastifyRequest, reply: FastifyReply, routes: GatewayRoutes) {
  if (!mayDo(request, 'complete_code', routes)) return forbidden(reply, 'code completions');
  const body = flatRequest.safeParse(request.body);
  if (!body.success) return invalid(reply);
  const { model_name: name, model_endpoint: endpoint, model_api_key, model_identifier, current_file } = body.data;
  if (!flatFamilies.includes(name))
    return reply
      .code(422)
      .send({ detail: `model ${name} is not supported by use case code completions and provider litellm` });
  const metadata = modelMetadata.safeParse({
    provider: 'litellm',
    name,
    endpoint,
    api_key: model_api_key,
    identifier: model_identifier,
  });
  if (!metadata.success) return invalid(reply);
  const answer = await ask(metadata.data, completionMessages(current_file), 64, request, routes);
  if (!answer.ok) return reply.code(500).type('text/plain').send('Internal Server Error');
  return {
    id: 'id',
    model: { engine: 'litellm', name },
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    choices: choices(answer),
    metadata: { enabled_feature_flags: [] },
  };
}

async function suggest(request: FastifyRequest, reply: FastifyReply, routes: GatewayRoutes) {
  const body = componentRequest.safeParse(request.body);
  if (!body.success) return invalid(reply);
  const [component] = body.data.prompt_components;
  const isCompletion = component?.type === 'code_editor_completion';
  const isOwn = routes.tokenOf(request)?.isOwn ?? false;
  if (isOwn || !mayDo(request, isCompletion ? 'complete_code' : 'generate_code', routes))
    return forbidden(reply, 'code suggestions');
  if (!component) return invalid(reply);
  const { payload } = component;
  const messages = isCompletion
    ? completionMessages(payload)
    : generationMessages(payload, payload.prompt_enhancer?.user_instruction ?? '');
  const answer = await ask(body.data.model_metadata, messages, isCompletion ? 128 : 512, request, routes);
  if (!answer.ok) return reply.code(500).type('text/plain').send('Internal Server Error');
  const model = { engine: 'litellm', name: body.data.model_metadata.name };
  return { choices: choices(answer), metadata: { model, timestamp: Math.floor(Date.now() / 1000) }, model };
}

function choices(answer: ModelAnswer & { ok: true }) {
  return answer.text === '' ? [] : [{ text: answer.text, index: 0, finish_reason: answer.finishReason }];
}

async function ask(
  metadata: ModelMetadata,
  messages: ChatMessage[],
  maxTokens: number,
  request: FastifyRequest,
  routes: GatewayRoutes,
): Promise<ModelAnswer> {
  routes.onModelRequest();
  const target = modelTarget(metadata);
  const answer: ModelAnswer = target
    ? await askModel(target, messages, maxTokens)
    : { ok: false, fault: '400: Bad Request', logLine: `Unmapped LLM provider for ${metadata.identifier ?? ''}` };
  if (!answer.ok) routes.log(`exceptions ${answer.fault} ${answer.logLine} id=${request.id}`);
  return answer;
}

function mayDo(request: FastifyRequest, scope: string, routes: GatewayRoutes): boolean {
  return routes.tokenOf(request)?.scopes.includes(scope) ?? false;
}

function forbidden(reply: FastifyReply, what: string) {
  return reply.code(403).send({ detail: `Unauthorized to access ${what}` });
}

function invalid(reply: FastifyReply) {
  return reply.code(422).send({ detail: 'Validation error' });
}
